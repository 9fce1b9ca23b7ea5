/**
 * An upstream that fails in one way: node dist/test/chaos/faulty-server.js FAULT LOG. One frame a line on stdio, not built
 * on an SDK, because an SDK would not let it. LOG gets a line for each call that arrived, before anything is done about it.
 */
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import type { UpstreamFault } from './faults.ts';

const [fault = 'none', log = ''] = process.argv.slice(2);
let calls = 0;
let hasChanged = false;
const held: (() => void)[] = [];

const write = (text: string): void => void process.stdout.write(text);
const send = (frame: object): void => write(`${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`);

function tool(name: string): object {
  const nonce = { type: 'string' };
  const shape = { type: 'object', properties: { nonce }, required: ['nonce'] };
  const description = hasChanged && name === 'echo' ? 'Says it back, louder.' : 'Says it back.';
  return { name, description, inputSchema: shape, outputSchema: shape };
}

type Call = { readonly id: unknown; readonly nonce: string };
const answered = (nonce: string): object => ({
  content: [{ type: 'text', text: JSON.stringify({ nonce }) }],
  structuredContent: { nonce },
});
const answer = ({ id, nonce }: Call): void => send({ id, result: answered(nonce) });

/** What is done about a call in place of answering it. */
const FAULTS: Readonly<Record<UpstreamFault, (call: Call) => void>> = {
  error: ({ id }) => send({ id, error: { code: -32_050, message: 'the backend is down' } }),
  delay: (call) => void setTimeout(() => answer(call), 4000),
  silence: () => undefined,
  'wrong structure': ({ id }) =>
    send({ id, result: { content: [], structuredContent: { nonce: 7 } } }),
  'wrong result': ({ id }) => send({ id, result: 'done' }),
  'duplicated answer'(call) {
    answer(call);
    send({ id: call.id, result: answered('of somebody else') });
  },
  'reordered answers'(call) {
    held.push(() => answer(call));
    if (held.length === 1)
      setTimeout(() => {
        for (const late of held.splice(0).toReversed()) late();
      }, 150);
  },
  'answers nobody asked for'(call) {
    for (let other = 1000; other < 1050; other++)
      send({ id: other, result: answered('of somebody else') });
    answer(call);
  },
  garbage(call) {
    write('this is not JSON\n{"jsonrpc":"2.0","id":\n');
    answer(call);
  },
  'huge answer': ({ id }) => send({ id, result: answered('x'.repeat(20 << 20)) }),
  'half an answer'({ id }) {
    write(JSON.stringify({ jsonrpc: '2.0', id, result: {} }).slice(0, 20));
    process.exit(1);
  },
  ends: () => process.exit(3),
  'changed definition'(call) {
    hasChanged = true;
    send({ method: 'notifications/tools/list_changed' });
    answer(call);
  },
};
const isFault = (name: string): name is UpstreamFault => Object.hasOwn(FAULTS, name);

function call(id: unknown, params: JsonObject): void {
  const args = isJsonObject(params['arguments']) ? params['arguments'] : {};
  const given = args['nonce'];
  const nonce = typeof given === 'string' ? given : JSON.stringify(given);
  appendFileSync(log, `${JSON.stringify({ name: params['name'], nonce, pid: process.pid })}\n`);
  // Every second one, so that good calls are among the bad.
  if (calls++ % 2 === 1 && isFault(fault)) FAULTS[fault]({ id, nonce });
  else answer({ id, nonce });
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const frame: unknown = JSON.parse(line);
    if (!isJsonObject(frame)) return;
    const { id, method } = frame;
    const params = isJsonObject(frame['params']) ? frame['params'] : {};
    if (id === undefined) return;
    if (method === 'initialize')
      send({
        id,
        result: {
          protocolVersion: params['protocolVersion'],
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: 'faulty', version: '1' },
        },
      });
    else if (method === 'tools/list')
      send({ id, result: { tools: ['echo', 'forbidden', 'asked'].map(tool) } });
    else if (method === 'tools/call') call(id, params);
    else if (method === 'ping') send({ id, result: {} });
    else send({ id, error: { code: -32_601, message: 'Method not found' } });
  })
  .on('close', () => process.exit(0));
