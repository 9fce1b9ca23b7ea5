import { expand } from './expand.ts';
import type { ConfigPath } from './problem.ts';
import { createSecretCollector, optionBefore } from './secrets.ts';

/** Where variables expand; `*` stands for any name or index. Everywhere else a dollar sign is a dollar sign. */
const PLACES: readonly (readonly string[])[] = [
  ['mcpServers', '*', 'command'],
  ['mcpServers', '*', 'args', '*'],
  ['mcpServers', '*', 'env', '*'],
  ['mcpServers', '*', 'cwd'],
  ['mcpServers', '*', 'url'],
  ['mcpServers', '*', 'headers', '*'],
  ['mcpServers', '*', 'auth', 'shared', 'headers', '*'],
  ['mcpServers', '*', 'auth', 'shared', 'env', '*'],
  ['mcpServers', '*', 'auth', 'shared', 'token', 'client', 'secret'],
  ['mcpServers', '*', 'auth', 'login', 'client', 'secret'],
  ['mcpServers', '*', 'auth', 'enterprise', 'client', 'secret'],
  ['mcpServers', '*', 'sandbox', 'egress', '*', 'secret', 'value'],
  ['identity', 'stdio', 'token'],
  ['identity', 'stdio', 'client', 'secret'],
  ['identity', 'http', 'client', 'secret'],
  ['builtin', 'code', 'egress', '*', 'secret', 'value'],
  ['telemetry', 'otlp'],
  ['sandbox', 'docker', 'host'],
];

export type ExpansionProblem = { readonly path: ConfigPath; readonly why: string };

/**
 * Expands the variables in `settings`, in place, and collects what must never be written down: values that came from
 * variables, entries of `env` and `headers` that look secret, the gateway's own token.
 */
export function expandSettings(
  settings: unknown,
  env: NodeJS.ProcessEnv | undefined,
): { readonly problems: readonly ExpansionProblem[]; readonly secrets: readonly string[] } {
  const problems: ExpansionProblem[] = [];
  const secrets = createSecretCollector();
  for (const place of PLACES) visit(settings, place, []);
  return { problems, secrets: secrets.list() };

  function visit(value: unknown, [step, ...rest]: readonly string[], path: ConfigPath): void {
    if (step === undefined || typeof value !== 'object' || value === null) return;
    for (const key of step === '*' ? Object.keys(value) : [step]) {
      if (!Object.hasOwn(value, key)) continue;
      const inner: unknown = Reflect.get(value, key);
      const at = [...path, Array.isArray(value) ? Number(key) : key];
      if (rest.length > 0) visit(inner, rest, at);
      else if (typeof inner === 'string') {
        const named = path.at(-1) === 'secret' ? 'secret' : key;
        const name = Array.isArray(value) ? optionBefore(value, Number(key)) : named;
        Reflect.set(value, key, expandAt(inner, at, name));
      }
    }
  }

  function expandAt(template: string, path: ConfigPath, name: string): string {
    const {
      value,
      variables,
      problems: whys,
    } = env ? expand(template, env) : { value: template, variables: [], problems: [] };
    for (const why of whys) problems.push({ path, why });
    for (const variable of variables) secrets.addVariable(variable.name, variable.value);
    secrets.addEntry(name, value);
    return value;
  }
}
