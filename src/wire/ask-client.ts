import {
  issue,
  spend,
  type Call,
  type Grant,
  type JsonObject,
  type Output,
  type RawResult,
  type Reply,
  type Scanned,
  type Subject,
} from '../call.ts';
import { decideAgain } from '../approval.ts';
import { Denial } from '../denial.ts';
import type { Gate } from '../gate.ts';
import { jsonSize } from '../lib/json-size.ts';
import type { Message, Stages } from '../pipeline.ts';
import type { Pending } from './pending.ts';
import { progressToken } from './progress-token.ts';
import { relatedTask, withRelatedTask } from './tasks/related-task.ts';
import { UpstreamError } from './upstream-error.ts';

export type AskClientOptions = Pick<Gate, 'decide' | 'harmlessAsk' | 'maxAskBytes'> & {
  readonly server: string;
  readonly pending: Pick<Pending, 'request'>;
  /** Whether a question names no task, or one that this server runs for this client. */
  readonly isOfTask: (params: JsonObject) => Promise<boolean>;
  /** The client's request in flight that this server works for. */
  readonly related: (call: Call) => string | number | undefined;
  /** Takes the client's progress on what was asked, with the token still the gateway's own. */
  readonly onProgress: (call: Call, params: JsonObject) => void;
  /** What the client sees instead of `params`, e.g. with the server's name in front of a question. */
  readonly present: (method: string, params: JsonObject) => JsonObject;
  /** Milliseconds a person has to answer. */
  readonly patienceMs: number;
};

/** Of a question or an answer: each costs more than its bytes. */
const MAX_VALUES = 50_000;

type Towards = Pick<Stages, 'find' | 'dispatch' | 'validate' | 'scan' | 'label'>;

/**
 * The stages that differ when a server asks and the client answers: what is hostile is the question, so it is read before
 * it is shown, and the answer goes back as it is.
 */
export function createAskClient(options: AskClientOptions): Towards {
  const { server, pending } = options;

  async function find(message: Message): Promise<Subject> {
    const { method, params } = message;
    checkSize('ask the client', params);
    if (!(await options.isOfTask(params)))
      throw new Denial('arguments-invalid', 'Cannot ask the client: there is no such task');
    await scanAsk(message);
    return requestSubject(server, method);
  }

  async function scanAsk({ method, params, session }: Message): Promise<void> {
    // A client may show what is no text in its own way, and then without its origin.
    if (method === 'elicitation/create' && typeof params['message'] !== 'string')
      throw new Denial('arguments-invalid', 'Cannot ask the client: there is no message');
    if (await options.harmlessAsk(params, session, server)) return;
    throw new Denial(
      'output-withheld',
      `Cannot ask the client: what ${method} says looks like an injection`,
    );
  }

  async function dispatch(proof: Grant, signal: AbortSignal): Promise<RawResult> {
    const grant = spend('Grant', proof);
    const { call } = grant.permit;
    const limits = {
      signal,
      timeoutMs: options.patienceMs,
      maxTotalMs: options.patienceMs,
      related: options.related(call),
      ...(progressToken(call.params) === undefined
        ? {}
        : { onProgress: (params: JsonObject) => options.onProgress(call, params) }),
    };
    try {
      const result = await pending.request(
        call.method,
        // The task of the server is none of the client's; its own is put in on the way.
        options.present(call.method, withRelatedTask(withoutTask(call.params), undefined)),
        limits,
      );
      // The client answers about its own task, the server asked about its own.
      const answer = withRelatedTask(result, relatedTask(call.params));
      return issue('RawResult', { grant, failed: false, result: answer });
    } catch (thrown) {
      if (!(thrown instanceof UpstreamError)) throw Denial.from(thrown);
      const { code, message, data } = thrown;
      return issue('RawResult', {
        grant,
        failed: true,
        result: { code, message, ...(data === undefined ? {} : { data }) },
      });
    }
  }

  function validate(proof: RawResult): Output {
    const raw = spend('RawResult', proof);
    checkSize('take the answer of the client', raw.result);
    // Whatever the session has read while the question waited may stand in the answer, be it an error.
    decideAgain(options.decide, raw.grant.permit.call, raw.grant.approvedBy);
    return issue('Output', { raw, result: raw.result });
  }

  function checkSize(what: string, value: JsonObject): void {
    const { bytes, values } = jsonSize(value, options.maxAskBytes, MAX_VALUES);
    if (bytes <= options.maxAskBytes && values <= MAX_VALUES) return;
    throw new Denial('too-large', `Cannot ${what}: more than ${options.maxAskBytes} bytes`);
  }

  return { find, dispatch, validate, scan, label };
}

/**
 * No server is told that the client could answer later, so one that wants that is answered as if it did not (MCP
 * 2025-11-25, tasks): the client would begin a task under an id that nobody here knows.
 */
function withoutTask({ task: _task, ...params }: JsonObject): JsonObject {
  return params;
}

/** What a server asks is decided on the server itself; the class of the action is its method. */
function requestSubject(server: string, name: string): Subject {
  return Object.freeze({
    kind: 'request',
    server,
    name,
    classes: [],
    dataClass: 0,
    source: [],
    sink: [],
    pin: 'match',
    reviewed: true,
    hash: '',
    definition: {},
  });
}

async function scan(proof: Output): Promise<Scanned> {
  const output = spend('Output', proof);
  return await Promise.resolve(
    issue('Scanned', { output, verdict: 'pass', score: 0, findings: [], result: output.result }),
  );
}

function label(proof: Scanned): Reply {
  const scanned = spend('Scanned', proof);
  return { result: scanned.result, scanned };
}
