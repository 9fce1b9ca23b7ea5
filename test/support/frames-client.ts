import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { BIN, type Gate } from './gate.ts';
import { until } from './until.ts';

export type Frame = JsonObject;

/** An MCP client without an SDK: what it receives is what was sent, frame by frame. */
export type FramesTalk = {
  /** Everything received so far. */
  readonly received: readonly Frame[];
  /** Answers what the server asks; absent: the error that a client without the method gives. */
  answer: (request: Frame, client: Pick<FramesTalk, 'notify'>) => JsonObject | 'never';
  send(frame: Frame): void;
  /** Sends under the next id, or under `id`, and waits for the response, whole. */
  request(method: string, params?: JsonObject, id?: string | number): Promise<Frame>;
  notify(method: string, params?: JsonObject): void;
  /** The first frame from `from` on that fits; waits for it. */
  next(fits: (frame: Frame) => boolean, from?: number): Promise<Frame>;
  /** The whole handshake. Returns the response to `initialize`. */
  open(capabilities?: JsonObject, protocolVersion?: string): Promise<Frame>;
};

/** One that has started its server, over stdio. */
export type FramesClient = FramesTalk & {
  readonly pid: number;
  /** Sends bytes that need not be a frame. */
  write(bytes: string | Uint8Array): void;
  /** Sends several frames in one write. */
  sendTogether(...frames: readonly Frame[]): void;
  stderr(): string;
  /** Waits until what it wrote to stderr fits. */
  said(what: RegExp): Promise<void>;
  /** Ends its input and waits for the exit code. */
  end(): Promise<number | null>;
  /** `kill`, and its exit code. */
  terminate(): Promise<number | null>;
  /** `kill -9`. */
  kill(): Promise<void>;
};

export type Program = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

const PATIENCE_MS = 120_000;
const GRACE_MS = 3000;

/** The gateway with this configuration, as a client would start it. */
export function serve(gate: Gate): Program {
  return {
    command: process.execPath,
    args: [BIN, 'serve', '--config', gate.config],
    cwd: gate.folder,
  };
}

export type Talk = {
  readonly client: FramesTalk;
  /** Takes what the server sent. */
  take(frame: Frame): void;
  /** Nothing comes any more. */
  readonly over: () => void;
};

/** The client's part of a conversation; `transmit` hands frames to the server. */
export function createTalk(
  transmit: (frame: Frame) => void,
  errors: () => string = () => '',
): Talk {
  const received: Frame[] = [];
  const waiting = new Set<() => void>();
  let isOver = false;
  let lastId = 0;

  const client: FramesTalk = {
    received,
    answer: () => ({ error: { code: -32601, message: 'Method not found' } }),
    send: transmit,
    async request(method, params, id = ++lastId) {
      const from = received.length;
      transmit({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) });
      return await client.next(
        (frame) => frame['id'] === id && frame['method'] === undefined,
        from,
      );
    },
    notify(method, params) {
      transmit({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) });
    },
    async next(fits, from = 0) {
      let at = from;
      return await new Promise((resolve, reject) => {
        const timer = setTimeout(() => done('nothing fitting came'), PATIENCE_MS);
        function done(found: Frame | string): void {
          clearTimeout(timer);
          waiting.delete(look);
          if (typeof found !== 'string') resolve(found);
          else reject(new Error(`${found}: ${JSON.stringify(received.slice(-5))} ${errors()}`));
        }
        function look(): void {
          for (; at < received.length; at++) {
            const frame = received[at];
            if (frame && fits(frame)) {
              done(frame);
              return;
            }
          }
          if (isOver) done('the server has gone');
        }
        waiting.add(look);
        look();
      });
    },
    async open(capabilities = {}, protocolVersion = '2025-11-25') {
      const answer = await client.request('initialize', {
        protocolVersion,
        capabilities,
        clientInfo: { name: 'frames', version: '1' },
      });
      client.notify('notifications/initialized');
      return answer;
    },
  };

  return {
    client,
    take(frame) {
      received.push(frame);
      if (frame['method'] !== undefined && frame['id'] !== undefined) {
        const answer = client.answer(frame, client);
        if (answer !== 'never') transmit({ jsonrpc: '2.0', id: frame['id'], ...answer });
      }
      for (const look of waiting) look();
    },
    over() {
      isOver = true;
      for (const look of waiting) look();
    },
  };
}

/** Starts a stdio server and speaks to it in frames. It ends with the test. */
export function startFrames(context: TestContext, program: Program): FramesClient {
  const child = spawn(program.command, [...program.args], {
    cwd: program.cwd,
    env: { ...(program.env ?? inherited()) },
    stdio: 'pipe',
  });
  const exited = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin.on('error', () => undefined);

  function sendTogether(...frames: readonly Frame[]): void {
    child.stdin.write(frames.map((frame) => `${JSON.stringify(frame)}\n`).join(''));
  }

  const talk = createTalk(sendTogether, () => errors);
  createInterface({ input: child.stdout })
    .on('line', (line) => {
      const frame: unknown = JSON.parse(line);
      if (!isJsonObject(frame)) throw new TypeError(`not a frame: ${line}`);
      talk.take(frame);
    })
    .on('close', talk.over);
  // In good order, so that its own servers end as well; some would live on without it.
  context.after(async () => {
    child.stdin.end();
    const patience = setTimeout(() => child.kill('SIGTERM'), GRACE_MS);
    const end = setTimeout(() => child.kill('SIGKILL'), 20 * GRACE_MS);
    await exited;
    clearTimeout(patience);
    clearTimeout(end);
  });

  async function exitCode(): Promise<number | null> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    const gone = child.exitCode === null ? once(child, 'exit', { signal: late }) : exited;
    const [code]: unknown[] = await gone;
    return typeof code === 'number' ? code : null;
  }

  return Object.assign(talk.client, {
    pid: child.pid ?? 0,
    write: (bytes: string | Uint8Array): void => void child.stdin.write(bytes),
    sendTogether,
    stderr: () => errors,
    said: async (what: RegExp) => await until(() => what.test(errors), PATIENCE_MS),
    async end() {
      child.stdin.end();
      return await exitCode();
    },
    async terminate() {
      child.kill('SIGTERM');
      return await exitCode();
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  });
}

/** What the gateway passes on to its servers, so that a server started directly sees the same. */
function inherited(): Record<string, string> {
  const names = ['HOME', 'LANG', 'PATH', 'TMPDIR', 'USER'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
