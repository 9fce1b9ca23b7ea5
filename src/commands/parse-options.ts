import { parseArgs, type ParseArgsConfig } from 'node:util';

import { Fault } from '../lib/fault.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options, P extends boolean> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; strict: true; allowPositionals: P }>
>;

/** Strict `parseArgs` whose complaints are Faults (exit 2) that name the command. */
export function parseOptions<O extends Options, P extends boolean = false>(
  name: string,
  argv: readonly string[],
  options: O,
  allowPositionals?: P,
): Parsed<O, P> {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the compiler cannot follow the optional flag
    return parseArgs({
      args: [...argv],
      options,
      strict: true,
      allowPositionals: allowPositionals === true,
    }) as Parsed<O, P>;
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split(/[.\n]/u)[0] ?? '') : String(cause);
    throw new Fault(`Cannot run ${name}: ${why}`, {
      hint: `sallyport ${name} --help lists what it takes`,
      cause,
    });
  }
}
