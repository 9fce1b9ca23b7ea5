/** Lines of our own code say nothing to whoever wrote the program. */
const OWN = /\(inside\.js:|\(native\)$/u;

/** As many as Node shows. */
const FRAMES = 10;

/** An error as Node shows it: what it is, then where it came from. QuickJS keeps the first out of `stack`. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : String(error);
  // A program may have put anything there.
  const {
    name,
    message,
    stack = '',
    cause,
  }: { name?: unknown; message?: unknown; stack?: unknown; cause?: unknown } = error;
  const what = message === '' ? String(name) : `${String(name)}: ${String(message)}`;
  const where = String(stack)
    .split('\n')
    .filter((line) => !OWN.test(line))
    .slice(0, FRAMES)
    .join('\n')
    .trimEnd();
  const why = cause === undefined ? '' : `\n  [cause]: ${describeCause(cause)}`;
  return `${what}${where === '' || where.startsWith(what) ? where.slice(what.length) : `\n${where}`}${why}`;
}

function describeCause(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
