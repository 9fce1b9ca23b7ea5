import { posix, resolve, win32 } from 'node:path';

import { isJsonObject } from '../../lib/json.ts';
import { escapeVariables, expand } from '../expand.ts';
import { serverSchema } from '../schema.ts';
import type { Dialect } from './clients.ts';

/** One server in the shape of sallyport.yaml. */
export type ServerSettings = {
  command?: string;
  args?: string[];
  env?: Record<string, string>;
  cwd?: string;
  url?: string;
  type?: 'sse';
  headers?: Record<string, string>;
  disabled?: boolean;
};

export type Imported =
  | {
      readonly settings: ServerSettings;
      readonly notes: readonly string[];
      /** What only the client can know, e.g. `input:token`. */
      readonly carried: ReadonlySet<string>;
    }
  /** Why it has to stay in the client's own file. */
  | { readonly keep: string };

export type ImportContext = {
  readonly dialect: Dialect;
  /** The folder relative paths start from; absent where only the client knows. */
  readonly base: string | undefined;
  /** Gives the environment variable that carries a value only the client knows, e.g. for `input:token`. */
  readonly carrier: (reference: string) => string;
};

/** What an entry may hold besides what is taken over: names, pictures, and consent that the gateway asks for anew. */
const HARMLESS = new Set(
  'type transport name title description icon gallery version dev alwaysAllow autoApprove autoStart enabled timeout'.split(
    ' ',
  ),
);
const TAKEN = new Set('command args env cwd url serverUrl headers disabled'.split(' '));

/** Translates one server of a client; what cannot be taken over faithfully is kept where it is, with the reason. */
export function importServer(value: unknown, context: ImportContext): Imported {
  if (!isJsonObject(value)) return { keep: 'it is no object' };
  // An unknown key may be a guard (`disabledTools`) or a source of secrets (`envFile`): dropping it would be silent.
  const foreign = Object.keys(value).find((key) => !TAKEN.has(key) && !HARMLESS.has(key));
  if (foreign !== undefined) return { keep: `it uses ${foreign}, which cannot be taken over yet` };
  // The configuration refuses it, and with it the whole file would be refused.
  if (JSON.stringify(value).includes('"__proto__":'))
    return { keep: 'it uses the name __proto__, which is refused' };
  const url = value['url'] ?? value['serverUrl'];

  const settings: Record<string, unknown> = {
    command: value['command'],
    args: value['args'],
    env: withTextValues(value['env']),
    cwd: value['cwd'],
    url,
    // Where it is not said, it is found out.
    type: value['type'] === 'sse' || value['transport'] === 'sse' ? 'sse' : undefined,
    headers: value['headers'],
  };
  if (value['disabled'] === true || value['enabled'] === false) settings['disabled'] = true;
  for (const key of Object.keys(settings)) if (settings[key] === undefined) delete settings[key];

  const unanchored = anchor(settings, context.base);
  if (unanchored !== undefined) return { keep: unanchored };
  const carried = new Set<string>();
  const translated = mapText(settings, (text) => translate(text, context, carried));
  // Outside a workspace the client could not start the one entry, and with it no server at all.
  if (context.base === undefined && [...carried].some((one) => one.startsWith('workspaceFolder')))
    return { keep: 'it needs a workspace, and this file is for all of them' };
  // Tried as it will be when every variable is missing: such a server may fail, but not the gateway with it.
  const parsed = serverSchema.safeParse(mapText(translated, (text) => expand(text, {}).value));
  if (!parsed.success) return { keep: `it is malformed: ${explain(parsed.error.issues[0])}` };
  const notes = [...carried].map((reference) => {
    const when = reference.startsWith('input:') ? ', which asks for it when Sallyport starts' : '';
    return `\${${reference}} still comes from the client${when}`;
  });
  if (url !== undefined && value['headers'] === undefined)
    notes.push('if it asks for a sign-in, leave it to the client with --keep');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema has just accepted this shape
  return { settings: translated as ServerSettings, notes, carried };
}

/** VS Code takes numbers too. */
function withTextValues(env: unknown): unknown {
  if (!isJsonObject(env)) return env;
  return Object.fromEntries(
    Object.entries(env).map(([key, value]) => [
      key,
      typeof value === 'number' ? String(value) : value,
    ]),
  );
}

/** Makes paths absolute that would mean another place from the new file; says so where nobody can know the place. */
function anchor(settings: Record<string, unknown>, base: string | undefined): string | undefined {
  for (const key of ['command', 'cwd']) {
    const path = settings[key];
    if (typeof path !== 'string' || path.startsWith('${') || isAbsoluteAnywhere(path)) continue;
    if (key === 'command' && !/[/\\]/u.test(path)) continue;
    if (base === undefined) return `its ${key} is a relative path`;
    settings[key] = resolve(base, path);
  }
  return undefined;
}

function isAbsoluteAnywhere(path: string): boolean {
  return posix.isAbsolute(path) || win32.isAbsolute(path);
}

function mapText(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapText(item, map));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapText(item, map)]));
}

const REFERENCES = /\$\{([^}]*)\}/gu;
const SHELL = /^([A-Za-z_][A-Za-z0-9_]*)(:-[^{}\n]*)?$/u;

/** Rewrites a client's variables as ours; every other dollar sign is escaped. */
function translate(
  text: string,
  { dialect, carrier }: ImportContext,
  carried: Set<string>,
): string {
  let result = '';
  let from = 0;
  for (const match of text.matchAll(REFERENCES)) {
    const reference = rewrite(match[1] ?? '');
    if (reference === undefined) continue;
    result += escapeVariables(text.slice(from, match.index)) + reference;
    from = match.index + match[0].length;
  }
  return result + escapeVariables(text.slice(from));

  // With a default: a variable that is missing breaks the one server that needs it, as before, not the gateway.
  function rewrite(body: string): string | undefined {
    if (dialect === 'shell') {
      const [, name, fallback = ':-'] = SHELL.exec(body) ?? [];
      return name === undefined ? undefined : `\${${name}${fallback}}`;
    }
    if (dialect === 'literal' || body === '') return undefined;
    carried.add(body);
    return `\${${carrier(body)}:-}`;
  }
}

function explain(issue: { path: readonly PropertyKey[]; message: string } | undefined): string {
  const path = issue?.path.map(String).join('.') ?? '';
  return `${path}${path === '' ? '' : ': '}${issue?.message ?? 'unreadable'}`;
}
