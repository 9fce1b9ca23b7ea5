import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { isJsonObject } from '../../src/lib/json.ts';

/** A client of a Streamable HTTP endpoint that does as little as it can: what is measured is the other side. */
export type HttpSession = {
  /** `echo` with a message; rejects unless the message comes back. */
  echo(message: string): Promise<void>;
  /** Goes away without a word. */
  leave(): void;
  close(): Promise<void>;
};

export type Endpoint = {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the endpoint calls `echo`. */
  readonly echo: string;
};

type Answer = {
  readonly status: number;
  readonly session: string | undefined;
  readonly text: string;
};

const PATIENCE_MS = 60_000;
const TYPES = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const SESSION = 'mcp-session-id';

/** Shakes hands. An endpoint without sessions gets every call by itself. */
export async function openHttpSession({ url, headers = {}, echo }: Endpoint): Promise<HttpSession> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let session: Record<string, string> = {};
  let lastId = 0;

  async function send(method: 'POST' | 'DELETE', body?: object): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      const sent = request(url, {
        method,
        agent,
        timeout: PATIENCE_MS,
        headers: { ...TYPES, ...headers, ...session, 'content-length': Buffer.byteLength(text) },
      });
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const id = response.headers[SESSION];
          resolve({
            status: response.statusCode ?? 0,
            session: typeof id === 'string' ? id : undefined,
            text: Buffer.concat(chunks).toString(),
          });
        });
      });
      sent.once('error', reject);
      sent.once('timeout', () => sent.destroy(new Error('no answer')));
      sent.end(text);
    });
  }

  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  };
  const hello = await send('POST', { jsonrpc: '2.0', id: ++lastId, method: 'initialize', params });
  if (hello.status !== 200) throw new Error(`no session: ${hello.status} ${hello.text}`);
  session = {
    'mcp-protocol-version': params.protocolVersion,
    ...(hello.session === undefined ? {} : { [SESSION]: hello.session }),
  };
  if (hello.session !== undefined)
    await send('POST', { jsonrpc: '2.0', method: 'notifications/initialized' });

  return {
    async echo(message) {
      const { text } = await send('POST', {
        jsonrpc: '2.0',
        id: ++lastId,
        method: 'tools/call',
        params: { name: echo, arguments: { message } },
      });
      if (!saidIn(text).endsWith(message)) throw new Error(`not echoed: ${text.slice(0, 200)}`);
    },
    leave: () => agent.destroy(),
    async close() {
      if (hello.session !== undefined) await send('DELETE');
      agent.destroy();
    },
  };
}

/** The text of the result in an answer, plain or as the last event of a stream. */
function saidIn(answer: string): string {
  const at = answer.startsWith('{') ? 0 : answer.lastIndexOf('\ndata: ') + 7;
  const frame: unknown = JSON.parse(answer.slice(at));
  const result = isJsonObject(frame) && isJsonObject(frame['result']) ? frame['result'] : {};
  const [first] = Array.isArray(result['content']) ? result['content'] : [];
  return isJsonObject(first) && typeof first['text'] === 'string' ? first['text'] : '';
}

const TICKS_A_SECOND = 100;

/** Milliseconds of processor time that a process has used so far, all its threads; Linux only. */
export async function processorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user = Number.NaN, system = Number.NaN] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return ((user + system) * 1000) / TICKS_A_SECOND;
}

/** Resident memory of a process, bytes; Linux only. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1] ?? Number.NaN) * 1024;
}
