export type Expansion = {
  readonly value: string;
  /** The variables that were set, with their values. */
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  /** Why the text cannot be used; empty when it can. */
  readonly problems: readonly string[];
};

// `$$` is a dollar sign; `${…}` must be a variable; any other `$` stands for itself.
const TOKEN = /\$\$|\$\{([^}]*)\}?/gu;
const REFERENCE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/su;

/**
 * Expands `${VAR}` and `${VAR:-default}` (used when VAR is unset or empty) once: a value is never expanded again, so a
 * variable cannot name another.
 */
export function expand(template: string, env: NodeJS.ProcessEnv): Expansion {
  const variables: { name: string; value: string }[] = [];
  const problems: string[] = [];
  const value = template.replace(TOKEN, (token, body: string | undefined) => {
    if (token === '$$') return '$';
    const [, name, fallback] = REFERENCE.exec(body ?? '') ?? [];
    if (name === undefined || !token.endsWith('}')) {
      problems.push(`${token} is no variable; write $$ for a dollar sign`);
      return token;
    }
    const found = Object.hasOwn(env, name) ? env[name] : undefined;
    if (found !== undefined && (found !== '' || fallback === undefined)) {
      variables.push({ name, value: found });
      return found;
    }
    if (fallback !== undefined) return fallback;
    problems.push(`the variable ${name} is not set and has no default`);
    return token;
  });
  return { value, variables, problems };
}

/** Text that expands to exactly `text`. */
export function escapeVariables(text: string): string {
  return text.replaceAll('$', '$$$$');
}
