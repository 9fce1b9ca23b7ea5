import { Fault } from '../../lib/fault.ts';

/** A package of the npm registry and what of it is run. */
export type PackageCommand = {
  readonly name: string;
  /** As written: a version, a range, a tag; absent: the newest when it is first used. */
  readonly version?: string;
  /** Name of the command; absent: the one that npx would take. */
  readonly bin?: string;
  readonly args: readonly string[];
};

/** Names and versions of the registry. Not addresses, folders, repositories and aliases: npm would run what it finds there; nor options. */
const SPEC = /^((?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~][\w.~-]*)(?:@([\w.^~<>=|*+ -]+))?$/u;
const NO_VALUE = new Set(['-y', '--yes', '-q', '--quiet', '--no-install']);
const PACKAGE = new Set(['-p', '--package']);

/** What an `npx` or `npm exec` would run; undefined for another command. Throws a `Fault` for one that is not understood. */
export function readNpx(command: string, args: readonly string[]): PackageCommand | undefined {
  const program = (command.split(/[/\\]/u).at(-1) ?? '').replace(/\.(?:cmd|exe)$/iu, '');
  if (program === 'npx') return read(args);
  if (program === 'npm' && (args[0] === 'exec' || args[0] === 'x')) {
    const given = read(args.slice(1));
    return { ...given, args: given.args[0] === '--' ? given.args.slice(1) : given.args };
  }
  return undefined;
}

function read(words: readonly string[]): PackageCommand {
  const rest = [...words];
  let from: string | undefined;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [option = '', value] = /^(--package)=(.+)$/u.exec(word)?.slice(1) ?? [word];
    if (PACKAGE.has(option)) {
      if (from !== undefined) throw refused('several packages');
      from = value ?? rest.shift() ?? '';
    } else if (word === '--' || NO_VALUE.has(word)) continue;
    else if (word.startsWith('-')) throw refused(`the option ${word}`);
    else if (from === undefined) return { ...spec(word), args: rest };
    else return { ...spec(from), bin: word, args: rest };
  }
  throw refused('no package');
}

function spec(written: string): { name: string; version?: string } {
  const [, name, version] = SPEC.exec(written) ?? [];
  if (name === undefined) throw refused(`${JSON.stringify(written)}, which names no package`);
  return { name, ...(version !== undefined && { version }) };
}

function refused(what: string): Fault {
  return new Fault(`Cannot prepare what npx would run: it has ${what}`, {
    hint: 'write npx -y PACKAGE@VERSION, or an image of your own that has the server',
  });
}
