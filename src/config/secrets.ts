const SECRET_NAME =
  /token|secret|passw|passphrase|credential|cookie|auth|bearer|private|api[-_]?key|access[-_]?key|[-_]key$|^key$|key$|[-_]pat$|^pat$|dsn$|database_url/iu;
const SECRET_VALUE =
  /^(?:sk-|sk_|pk_|rk_|gh[opsur]_|github_pat_|glpat-|xox[abprs]-|AKIA|ASIA|AIza|eyJ|npm_|hf_|ya29\.|ATATT|SG\.)\S{8,}|-----BEGIN [A-Z ]*PRIVATE KEY|^(?:Bearer|Basic|Token)\s+\S+|:\/\/[^/\s:@]*:[^/\s@]+@/u;
const SCHEME = /^(?:Bearer|Basic|Token|ApiKey)\s+(\S.*)$/iu;
const USERINFO = /:\/\/[^/\s:@]*:([^/\s@]+)@/u;

/** Variables that everybody may see; redacting a home folder would only spoil the log. */
const PUBLIC = new Set(
  'HOME USER LOGNAME PATH PWD SHELL LANG TERM TMPDIR TMP TEMP HOSTNAME NODE_ENV USERPROFILE APPDATA LOCALAPPDATA XDG_CONFIG_HOME XDG_STATE_HOME'.split(
    ' ',
  ),
);

/** Shorter values would be found everywhere. */
const MIN_LENGTH = 6;

/** Whether an entry of this name is worth stealing. */
export function looksSecret(name: string, value: string): boolean {
  return isLongEnough(value) && (SECRET_NAME.test(name) || SECRET_VALUE.test(value));
}

/** Collects values that must never be written down; `list()` gives each once, longest first. */
export function createSecretCollector(): {
  add(value: string): void;
  addVariable(name: string, value: string): void;
  addEntry(name: string, value: string): void;
  list(): readonly string[];
} {
  const found = new Set<string>();
  return { add, addVariable, addEntry, list };

  /** The value and the part of it that is worth stealing. */
  function add(value: string): void {
    const parts = [value, SCHEME.exec(value)?.[1], USERINFO.exec(value)?.[1]];
    for (const part of parts) if (part !== undefined && isLongEnough(part)) found.add(part);
  }

  function addVariable(name: string, value: string): void {
    if (!PUBLIC.has(name)) add(value);
  }

  function addEntry(name: string, value: string): void {
    // Where a client fills the value in later, there is nothing to hide yet.
    if (looksSecret(name, withoutReferences(value))) add(value);
    const [, option, rest] = /^--?([\w-]+)=(.+)$/su.exec(value) ?? [];
    if (option !== undefined && rest !== undefined) addEntry(option, rest);
  }

  /** The longest first, so that no secret is replaced only in part. */
  function list(): readonly string[] {
    return [...found].toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
  }
}

/** The secrets in any JSON value, told by their keys, by the option before them, or by how they look. */
export function secretsIn(value: unknown): readonly string[] {
  const collector = createSecretCollector();
  visit(value, '');
  return collector.list();

  function visit(inner: unknown, name: string): void {
    if (typeof inner === 'string') collector.addEntry(name, inner);
    else if (Array.isArray(inner))
      for (const [at, item] of inner.entries()) visit(item, optionBefore(inner, at));
    else if (typeof inner === 'object' && inner !== null)
      for (const [key, item] of Object.entries(inner)) visit(item, key);
  }
}

/** `--token` in `[--token, VALUE]`; empty where no option stands. */
export function optionBefore(args: readonly unknown[], at: number): string {
  const before = args[at - 1];
  return typeof before === 'string' && before.startsWith('-') ? before : '';
}

function withoutReferences(value: string): string {
  const rest = value.replace(/\$\{[^}]*\}/gu, '');
  return rest === value ? value : rest.replace(/^(?:Bearer|Basic|Token|ApiKey)\s*/iu, '');
}

function isLongEnough(value: string): boolean {
  return value.length >= MIN_LENGTH && !/^(?:\d{1,8}|true|false)$/iu.test(value);
}
