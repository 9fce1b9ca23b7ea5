import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';

import { EXIT, Fault } from '../lib/fault.ts';
import { isJsonObject, JsonError, parseJson, type JsonValue } from '../lib/json.ts';
import { readLines } from '../lib/lines.ts';
import { CHANNELS, type Channel } from '../scan/channel.ts';
import { channelNamed } from '../scan/channel-name.ts';
import { scanStream } from '../scan/scan-stream.ts';
import { createScan, type Scan, type Scanning } from '../scan/scan.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './parse-options.ts';

const usage = `Usage: sallyport scan [FILE…|-] [--channel NAME] [--mark N] [--block N] [--json | --jsonl]

Reads text and says whether it tries to instruct a model. Without FILE, or with -, it reads standard input. Files may be of
any length: they are read in windows, and no further than to the first one that is withheld.

  --channel NAME  where the text comes from: ${CHANNELS.join(', ')}
                  (default tool-output)
  --mark N        score from which a text is marked, 0..1 (default 0.5)
  --block N       score from which a text is withheld, 0..1 (default 0.9)
  --json          one JSON document: [{ id, score, verdict, findings: [{ rule, view, start, end, class? }], ms }], id is the file
  --jsonl         the input is one JSON object { id, text, channel? } a line; one such answer a line, in order.
                  A line that cannot be read is answered with { id, error }; the others are still scanned

Exit code: 0 all pass, 1 something is marked or blocked (not with --jsonl), 2 wrong use or a line that cannot be read.
`;

export const command = {
  summary: 'the detector alone: does a text instruct the model',
  usage,
  run,
} satisfies Command;

const LINE_LIMITS = { maxBytes: 64 * 1024 * 1024, maxDepth: 16 };
/** Bytes decoded at a time. */
const PIECE = 65_536;

async function run(argv: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseOptions(
    'scan',
    argv,
    {
      channel: { type: 'string', default: 'tool-output' },
      mark: { type: 'string', default: '0.5' },
      block: { type: 'string', default: '0.9' },
      json: { type: 'boolean', default: false },
      jsonl: { type: 'boolean', default: false },
    },
    true,
  );
  if (values.json && values.jsonl)
    throw new Fault('Cannot run scan: --json and --jsonl exclude each other');
  const channel = channelNamed(values.channel);
  if (channel === undefined)
    throw new Fault(`Cannot run scan: unknown channel ${JSON.stringify(values.channel)}`, {
      hint: `one of ${CHANNELS.join(', ')}`,
    });
  const mark = threshold('--mark', values.mark);
  const block = threshold('--block', values.block);
  if (mark > block) throw new Fault('Cannot run scan: --mark is above --block');
  const scan = createScan({ mark, block });
  const files = positionals.length === 0 ? ['-'] : positionals;
  return values.jsonl
    ? scanLines(files, channel, scan, io)
    : scanFiles(files, channel, scan, values.json, io);
}

function threshold(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 1))
    throw new Fault(`Cannot run scan: ${option} must be above 0 and at most 1`);
  return value;
}

type Answer = Scanning & { readonly id: JsonValue; readonly ms: number };

function answer(id: JsonValue, text: string, channel: Channel, scan: Scan): Answer {
  const started = performance.now();
  const scanning = scan(text, channel);
  return said(id, scanning, performance.now() - started);
}

function said(id: JsonValue, { score, verdict, findings }: Scanning, ms: number): Answer {
  return {
    id,
    score: Math.round(score * 10_000) / 10_000,
    verdict,
    findings,
    ms: Math.round(ms * 1000) / 1000,
  };
}

async function scanFiles(
  files: readonly string[],
  channel: Channel,
  scan: Scan,
  json: boolean,
  io: Io,
): Promise<number> {
  const answers: Answer[] = [];
  for (const file of files) {
    const result = await answerFile(file, channel, scan, io);
    answers.push(result);
    if (!json) io.stdout.write(report(result));
  }
  if (json) io.stdout.write(`${JSON.stringify(answers)}\n`);
  return answers.some(({ verdict }) => verdict !== 'pass') ? EXIT.no : EXIT.ok;
}

async function answerFile(file: string, channel: Channel, scan: Scan, io: Io): Promise<Answer> {
  let ms = 0;
  const timed: Scan = (text, where) => {
    const started = performance.now();
    const scanning = scan(text, where);
    ms += performance.now() - started;
    return scanning;
  };
  try {
    return said(file, await scanStream(pieces(file, io), channel, timed), ms);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** Names and places only: printing the text would hand it on to whoever reads the terminal. */
function report({ id, verdict, score, findings }: Answer): string {
  const lines = findings.map(
    ({ rule, view, start, end, class: kind }) =>
      `  ${rule} in ${view} at ${start}-${end}${kind === undefined ? '' : ` (${kind})`}`,
  );
  return [`${typeof id === 'string' ? id : ''}: ${verdict} ${score.toFixed(2)}`, ...lines, ''].join(
    '\n',
  );
}

function open(file: string, { stdin, cwd }: Io): AsyncIterable<Buffer | string> {
  return file === '-' ? stdin : createReadStream(resolve(cwd, file));
}

/** Text of any length, a piece at a time; what is no UTF-8 becomes U+FFFD, as a client would show it. */
async function* pieces(file: string, io: Io): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for await (const chunk of open(file, io)) {
    const bytes = Buffer.from(chunk);
    for (let at = 0; at < bytes.length; at += PIECE)
      yield decoder.decode(bytes.subarray(at, at + PIECE), { stream: true });
  }
  yield decoder.decode();
}

function unreadable(file: string, cause: unknown): Fault {
  if (cause instanceof Fault) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
  const why = code === 'ENOENT' ? 'there is no such file' : code;
  return new Fault(`Cannot scan ${file}: ${why}`, { cause });
}

async function scanLines(
  files: readonly string[],
  channel: Channel,
  scan: Scan,
  io: Io,
): Promise<number> {
  let bad = 0;
  for (const file of files) {
    let number = 0;
    try {
      for await (const line of readLines(open(file, io), LINE_LIMITS.maxBytes)) {
        number++;
        if (line !== undefined && line.toString('utf8', 0, 64).trim() === '' && line.length < 64)
          continue;
        const reply = answerLine(line, channel, scan);
        if ('error' in reply) {
          bad++;
          io.stderr.write(
            `sallyport: Cannot read line ${number}${file === '-' ? '' : ` of ${file}`}: ${reply.error}\n`,
          );
        }
        if (!io.stdout.write(`${JSON.stringify(reply)}\n`)) await once(io.stdout, 'drain');
      }
    } catch (cause) {
      throw unreadable(file, cause);
    }
  }
  return bad > 0 ? EXIT.usage : EXIT.ok;
}

function answerLine(
  line: Buffer | undefined,
  fallback: Channel,
  scan: Scan,
): Answer | { readonly id: JsonValue; readonly error: string } {
  if (line === undefined) return { id: null, error: `longer than ${LINE_LIMITS.maxBytes} bytes` };
  try {
    const row = parseJson(line, LINE_LIMITS);
    if (!isJsonObject(row)) return { id: null, error: 'not an object' };
    const { id = null, text, channel: name } = row;
    if (typeof text !== 'string') return { id, error: 'text is not a string' };
    const channel =
      name === undefined ? fallback : typeof name === 'string' ? channelNamed(name) : undefined;
    if (channel === undefined)
      return { id, error: `unknown channel, one of ${CHANNELS.join(', ')}` };
    return answer(id, text, channel, scan);
  } catch (thrown) {
    if (thrown instanceof JsonError) return { id: null, error: thrown.message };
    throw thrown;
  }
}
