import { describeError } from './describe-error.ts';
import { formatValue } from './format-value.ts';
import { writeAll, type Host } from './host.ts';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const textOf = (value: unknown): string =>
  isObject(value) ? formatValue(value, 0) : String(value);

const DIRECTIVES: Readonly<Record<string, (value: unknown) => string>> = {
  s: textOf,
  d: (value) => (isObject(value) ? 'NaN' : String(Number(value))),
  i: (value) => String(Math.trunc(parseFloat(textOf(value)))),
  f: (value) => String(parseFloat(textOf(value))),
  j: (value) => JSON.stringify(value) ?? 'undefined',
  o: (value) => formatValue(value, 4),
  O: (value) => formatValue(value, 4),
  c: () => '',
};

/** The line that `console.log` of Node makes of its arguments, `%s` and the like included. */
export function formatLine(args: readonly unknown[]): string {
  const [first, ...rest] = args;
  if (typeof first !== 'string') return args.map(show).join(' ');
  let used = 0;
  const start =
    rest.length === 0
      ? first
      : first.replaceAll(/%([sdifjoOc%])/gu, (whole: string, kind: string) => {
          if (kind === '%') return '%';
          if (used >= rest.length) return whole;
          return DIRECTIVES[kind]?.(rest[used++]) ?? whole;
        });
  return [start, ...rest.slice(used).map(show)].join(' ');
}

function show(value: unknown): string {
  if (typeof value === 'string') return value;
  return value instanceof Error ? describeError(value) : formatValue(value);
}

/** A console like Node's. */
export function createConsole(host: Host, now: () => number): Record<string, unknown> {
  const counts = new Map<string, number>();
  const times = new Map<string, number>();
  let margin = '';

  function say(stream: 1 | 2, text: string): void {
    const lines = margin === '' ? text : margin + text.replaceAll('\n', `\n${margin}`);
    writeAll(host, stream, `${lines}\n`);
  }
  const out = (...args: unknown[]): void => say(1, formatLine(args));
  const err = (...args: unknown[]): void => say(2, formatLine(args));
  const took = (label: unknown): string =>
    `${String(label)}: ${(now() - (times.get(String(label)) ?? now())).toFixed(3)}ms`;

  return {
    log: out,
    info: out,
    debug: out,
    table: out,
    dir: (value: unknown) => out(value),
    error: err,
    warn: err,
    trace: (...args: unknown[]) => err(`Trace: ${formatLine(args)}`),
    assert(condition: unknown, ...args: unknown[]) {
      if (!condition)
        err(args.length === 0 ? 'Assertion failed' : `Assertion failed: ${formatLine(args)}`);
    },
    group(...args: unknown[]) {
      if (args.length > 0) out(...args);
      margin += '  ';
    },
    groupEnd: () => void (margin = margin.slice(2)),
    count(label: unknown = 'default') {
      const count = (counts.get(String(label)) ?? 0) + 1;
      counts.set(String(label), count);
      out(`${String(label)}: ${count}`);
    },
    time: (label: unknown = 'default') => void times.set(String(label), now()),
    timeLog: (label: unknown = 'default') => out(took(label)),
    timeEnd: (label: unknown = 'default') => out(took(label)),
  };
}
