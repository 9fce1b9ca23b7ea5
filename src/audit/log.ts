import { pino } from 'pino';
import type { Logger } from 'pino';
import { createRequire } from 'node:module';
import type * as Pretty from 'pino-pretty';
import { Writable } from 'node:stream';
import { isJsonObject } from '../lib/json.ts';
import type { Redact } from './redact.ts';

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

export type LogOptions = {
  /** stderr, never stdout: there the protocol speaks. */
  readonly destination: NodeJS.WritableStream;
  /** For a person at a terminal. */
  readonly pretty: boolean;
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly redact: Redact;
};

/** Makes the log of the process. What it is given is cleaned like a record, and the finished line once more. */
export function createLog(options: LogOptions): Log {
  const { redact } = options;
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        bindings: (bindings) => clean(redact, bindings),
      },
      hooks: {
        logMethod(args, method) {
          const [first, ...rest] = args.map((arg: unknown) => redact.value(named(arg)));
          Reflect.apply(method, this, [first, ...rest]);
        },
        // Whatever found another way into the line, e.g. through a serializer.
        streamWrite: (line) => redact.text(line),
      },
    },
    options.pretty ? prettyTo(options.destination) : options.destination,
  );
}

/** pino puts a bare error under `err`. */
function named(arg: unknown): unknown {
  return arg instanceof Error ? { err: arg, msg: arg.message } : arg;
}

function clean(redact: Redact, bindings: object): Record<string, unknown> {
  const value = redact.value(bindings);
  return isJsonObject(value) ? { ...value } : {};
}

function prettyTo(destination: NodeJS.WritableStream): Writable {
  // Through our own stream, so that ending the log never ends stderr.
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      destination.write(chunk);
      done();
    },
  });
  // Only a person at a terminal pays for loading it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `require` knows no types; the package declares these
  const { build } = createRequire(import.meta.url)('pino-pretty') as typeof Pretty;
  return build({ destination: out, colorize: true, sync: true, ignore: 'pid,hostname' });
}
