import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { accountName } from '../lib/account.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import { suggest } from '../lib/suggest.ts';
import type { Config } from './config.ts';
import { expandSettings } from './expand-settings.ts';
import { configHome, machineOf, type Machine } from './places.ts';
import { ConfigFault, type ConfigProblem } from './problem.ts';
import { readDocument, type ConfigDocument } from './read-document.ts';
import { resolveSettings } from './resolve.ts';
import { keysAt, schema } from './schema.ts';
import { takeUnsupported } from './unsupported.ts';

export type LoadOptions = {
  /** `--config`; absent: `$SALLYPORT_CONFIG`, `./sallyport.yaml`, `$XDG_CONFIG_HOME/sallyport/sallyport.yaml`. */
  readonly path?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
};

/** Finds and reads the configuration. Throws `ConfigFault` with every problem, or a Fault when there is no file. */
export async function loadConfig(options: LoadOptions): Promise<Config> {
  const machine = machineOf(options.env);
  const file = await findConfig(options, machine);
  return build(readDocument(await readBytes(file), file), {
    file,
    folder: dirname(file),
    machine,
    env: options.env,
  });
}

/** Reads the text of a configuration that is not on disk yet. Throws `ConfigFault` with every problem. */
export function readConfigText(text: string, file: string, env: NodeJS.ProcessEnv): Config {
  const machine = machineOf(env);
  return build(readDocument(text, file), { file, folder: dirname(file), machine, env });
}

/**
 * A configuration made in memory, for a gateway without a file. Nothing is expanded: what looks like a variable came
 * from a command line and was expanded by the shell, or was meant literally.
 */
export function createConfig(
  settings: unknown,
  options: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
): Config {
  const document = readDocument(JSON.stringify(settings), undefined);
  const machine = machineOf(options.env);
  return build(document, { file: undefined, folder: options.folder, machine, env: undefined });
}

type Origin = {
  readonly file: string | undefined;
  readonly folder: string;
  readonly machine: Machine;
  /** What variables expand to; undefined: they do not. */
  readonly env: NodeJS.ProcessEnv | undefined;
};

function build(document: ConfigDocument, { file, folder, machine, env }: Origin): Config {
  const settings = document.value ?? {};
  const problems: ConfigProblem[] = [];
  const expanded = expandSettings(settings, env);
  for (const { path, why } of expanded.problems) problems.push(document.problemAt(path, why));
  for (const path of takeUnsupported(settings))
    problems.push(document.problemAt(path, 'this version does not support it yet'));

  const spoilt = new Set(problems.map((problem) => problem.key));
  const parsed = schema.safeParse(settings);
  for (const problem of parsed.error?.issues.flatMap((issue) => describe(issue, document)) ?? [])
    if (!spoilt.has(problem.key)) problems.push(problem);
  if (!parsed.success || problems.length > 0) {
    const inOrder = problems.toSorted(
      (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    );
    throw new ConfigFault(file, inOrder);
  }
  const { secrets } = expanded;
  return resolveSettings({
    settings: parsed.data,
    secrets,
    file,
    folder,
    machine,
    userName: accountName(),
  });
}

type Issue = NonNullable<ReturnType<typeof schema.safeParse>['error']>['issues'][number];

function describe(issue: Issue, document: ConfigDocument): ConfigProblem[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const near = suggest(key, keysAt(path));
      const hint = near === undefined ? '' : `, did you mean ${near}?`;
      return document.problemAt([...path, key], `there is no such key${hint}`);
    });
  const inner = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  const why = (inner ?? issue.message).replace(/^Invalid (?:input|option): /u, '');
  const missing = why.endsWith('received undefined') ? 'it is required' : why;
  return [document.problemAt(path, missing.charAt(0).toLowerCase() + missing.slice(1))];
}

async function findConfig({ path, env, cwd }: LoadOptions, machine: Machine): Promise<string> {
  const named = path ?? (env['SALLYPORT_CONFIG'] || undefined);
  if (named !== undefined) {
    const file = resolve(cwd, named);
    if (await exists(file)) return file;
    throw new Fault(`Cannot read ${file}: there is no such file`, {
      exit: EXIT.usage,
      hint: path === undefined ? '$SALLYPORT_CONFIG names it' : '--config names it',
    });
  }
  const places = [cwd, configHome(machine)].flatMap((folder) =>
    ['sallyport.yaml', 'sallyport.json'].map((name) => join(folder, name)),
  );
  for (const file of places) if (await exists(file)) return file;
  const made = await madeByInit(configHome(machine));
  throw new Fault('Cannot find a configuration: there is no sallyport.yaml', {
    exit: EXIT.usage,
    hint:
      made.length > 0
        ? `sallyport init made ${made.map((file) => `--config ${keepShort(file)}`).join(' and ')}`
        : `sallyport init makes one; looked for ${places.map(keepShort).join(', ')}`,
  });

  function keepShort(file: string): string {
    return file.startsWith(`${machine.home}/`) ? `~${file.slice(machine.home.length)}` : file;
  }
}

/** Each client has its own file, which only that client's entry names. */
async function madeByInit(home: string): Promise<string[]> {
  const folder = join(home, 'clients');
  const clients = await readdir(folder).catch((): string[] => []);
  const files = clients.toSorted().map((client) => join(folder, client, 'sallyport.yaml'));
  const found = await Promise.all(files.map(async (file) => ((await exists(file)) ? [file] : [])));
  return found.flat();
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    // A pipe or a device would make the start wait for whoever writes to it.
    if (!(await stat(file)).isFile()) throw new Fault(`Cannot read ${file}: it is no file`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof Fault) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Fault(`Cannot read ${file}: ${code}`, { cause: error });
  }
}

export type { Config };
