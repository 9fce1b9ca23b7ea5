import type { Caller } from '../../src/call.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/lib/json.ts';
import type { Agree, AgentPort, OpenAgentSession } from '../../src/wire/agent.ts';
import type { Frame } from '../../src/wire/channel.ts';
import type { RequestId } from '../../src/wire/frames.ts';
import { withInputKey } from '../../src/wire/input-key.ts';
import { stringOf } from './string-of.ts';

export type AskingSession = {
  readonly port: AgentPort;
  readonly caller: Caller;
  /** What it was sent, in order. */
  readonly received: Frame[];
  closed: boolean;
};

type Ask = { readonly method: string; readonly params: JsonObject };

/** Sessions whose `tools/call` does what its `arguments` say: ask, tell, answer, or nothing of that. */
export function askingSessions(): {
  readonly open: OpenAgentSession;
  readonly all: AskingSession[];
} {
  const all: AskingSession[] = [];
  return {
    all,
    open({ caller, port }) {
      const session: AskingSession = { port, caller, received: [], closed: false };
      const waiting = new Map<RequestId, (frame: Frame) => void>();
      const leaving = new Set<string>();
      let lastId = 0;

      async function ask({ method, params }: Ask, related: RequestId): Promise<JsonObject> {
        const id = `q${++lastId}`;
        return await new Promise((resolve) => {
          waiting.set(id, resolve);
          port.send({ jsonrpc: '2.0', id, method, params }, related);
        });
      }

      async function call(id: RequestId, params: JsonObject): Promise<Frame> {
        const args = isJsonObject(params['arguments']) ? params['arguments'] : {};
        for (const frame of objects(args['tell'])) port.send({ jsonrpc: '2.0', ...frame }, id);
        if (args['wait'] !== undefined)
          await new Promise((resolve) => setTimeout(resolve, Number(args['wait'])));
        const asks = objects(args['ask']).map(asAsk);
        if (args['impatient'] === true) for (const one of asks) void ask(one, id);
        else if (args['together'] === true)
          return said(await Promise.all(asks.map(async (one) => await ask(one, id))));
        else {
          const answers: JsonObject[] = [];
          // One after the other is what is meant.
          // oxlint-disable-next-line no-await-in-loop
          for (const one of asks) answers.push(await ask(one, id));
          if (answers.length > 0) return said(answers);
        }
        if (args['later'] !== undefined)
          await new Promise((resolve) => setTimeout(resolve, Number(args['later'])));
        if (isJsonObject(args['error'])) return { error: args['error'] };
        return {
          result: isJsonObject(args['result']) ? args['result'] : { content: [], params },
        };
      }

      async function answer(frame: Frame): Promise<void> {
        const { id, method } = frame;
        const params = isJsonObject(frame['params']) ? frame['params'] : {};
        if (typeof id !== 'string' && typeof id !== 'number') return;
        if (method === undefined) {
          waiting.get(id)?.(frame);
          waiting.delete(id);
          return;
        }
        const reply = (rest: Frame): void => port.send({ jsonrpc: '2.0', id, ...rest }, id);
        if (
          method === 'tools/call' ||
          method === 'prompts/get' ||
          method === 'completion/complete'
        ) {
          const args = isJsonObject(params['arguments']) ? params['arguments'] : {};
          if (args['never'] !== true) reply(await call(id, params));
        } else if (method === 'resources/unsubscribe') {
          leaving.add(stringOf(params['uri']));
          await new Promise((resolve) => setTimeout(resolve, 100));
          leaving.delete(stringOf(params['uri']));
          reply({ result: {} });
        } else if (method === 'resources/subscribe' && leaving.has(stringOf(params['uri'])))
          reply({ error: { code: -32603, message: 'it is being left' } });
        else if (stringOf(params['uri']).includes('missing'))
          reply({ error: { code: -32002, message: 'none' } });
        else if (stringOf(params['uri']).includes('forbidden'))
          reply({ error: { code: -32003, message: 'no' } });
        else reply({ result: { params } });
      }

      all.push(session);
      return {
        receive(frame, { agree, extension } = {}) {
          session.received.push(frame);
          if (frame['method'] === 'tools/call' && refuses(agree)) {
            port.send({ jsonrpc: '2.0', id: frame['id'], error: MISMATCH });
            return;
          }
          const task = taskOf(frame);
          if (task !== undefined) extension?.onTask?.(task);
          void answer(frame);
        },
        refuse() {
          throw new TypeError('Cannot be refused here: the transport answers');
        },
        async close() {
          session.closed = true;
          await Promise.resolve();
        },
      };
    },
  };
}

/** The tool that every one of these sessions has. */
const DEFINITION = {
  inputSchema: {
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      deep: { properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } },
      items: { items: { properties: { x: { type: 'string' } } } },
    },
  },
};
const MISMATCH = { code: -32020, message: 'no', data: { 'sallyport/denial': {} } };

function refuses(agree: Agree | undefined): boolean {
  try {
    agree?.(DEFINITION);
    return false;
  } catch {
    return true;
  }
}

/** What a call says that it begins. */
function taskOf({ params }: Frame): JsonObject | undefined {
  const args = isJsonObject(params) ? params['arguments'] : undefined;
  return isJsonObject(args) && isJsonObject(args['task']) ? args['task'] : undefined;
}

function objects(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value)
    ? value.filter((one: unknown): one is JsonObject => isJsonObject(one))
    : [];
}

function asAsk({ method, params, key }: JsonObject): Ask {
  const said = isJsonObject(params) ? params : {};
  return {
    method: stringOf(method),
    params: typeof key === 'string' ? withInputKey(said, key) : said,
  };
}

function said(answers: readonly JsonObject[]): Frame {
  return { result: { content: [], answers } };
}
