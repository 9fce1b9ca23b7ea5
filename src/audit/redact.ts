import { quote, type JsonValue } from '../lib/json.ts';
import { joinMembers } from '../lib/members.ts';
import { SECRET_NAME, SECRET_PATTERN } from './secret-patterns.ts';
import { secretForms } from './secret-forms.ts';
import { visible } from '../lib/visible.ts';

const LIMITS = { text: 2_048, total: 32_768, items: 64, keys: 64, key: 128, depth: 8 } as const;
/** Longer text is cut before it is searched: nobody pays for patterns over a megabyte that is cut anyway. */
const SEARCHED = 16_384;
/** Longer than any digest with the name of its hash. */
const MAX_REMEMBERED = 96;

/** What our own digests look like; no well-known credential does. */
const DIGEST = /^[0-9a-f]{16,64}$/;

const CUT = '"[cut]"';
const HIDDEN = '"[redacted:name]"';

type Budget = { left: number };
type Name = { readonly key: string; readonly isSecret: boolean };

export type Redact = {
  /** One string of any length: the owner's own secrets alone are replaced. */
  readonly known: (text: string) => string;
  /** One string, whole: credentials replaced by `[redacted:kind]`, nothing else changed. */
  readonly text: (text: string) => string;
  /** A copy fit for a record: credentials replaced, control characters visible, size and depth bounded. */
  readonly value: (value: unknown) => JsonValue;
  /** The same of an object, each member as canonical JSON: what a record is written from, without a copy in between. */
  readonly members: (object: object) => Map<string, string>;
};

/**
 * Makes the one way into records and log lines. `secrets` are values that must never appear, in whatever encoding;
 * values shorter than 4 characters are left out, since replacing them would destroy the record.
 */
export function createRedact(options: { readonly secrets: readonly string[] }): Redact {
  const forms = secretForms(options.secrets);
  const longest = Math.max(64, ...forms.map((form) => form.length));
  const secrets =
    forms.length === 0 ? undefined : new RegExp(forms.map((f) => escapeRegExp(f)).join('|'), 'g');

  /** Names of tools, people, policies and members come again with every call; what was found of them once still holds. */
  const harmless = new Map<string, string>();
  const names = new Map<string, Name>();

  function known(input: string): string {
    return secrets ? input.replaceAll(secrets, '[redacted:secret]') : input;
  }

  function text(input: string): string {
    const clean = known(input);
    if (clean.length < 8 || DIGEST.test(clean)) return clean;
    return clean.replaceAll(SECRET_PATTERN, (...match: unknown[]) => {
      const groups: unknown = match.at(-1);
      const kind = Object.entries(Object(groups)).find(([, found]) => found !== undefined)?.[0];
      return `[redacted:${kind ?? 'secret'}]`;
    });
  }

  function writeText(input: string, budget: Budget): string {
    if (budget.left <= 0) return CUT;
    const written = harmless.get(input);
    if (written !== undefined) {
      budget.left -= input.length;
      return written;
    }
    // Every record has digests of its own: they are not remembered.
    const isDigest = DIGEST.test(input) && known(input) === input;
    const kept = isDigest ? input : searchField(input);
    budget.left -= kept.length;
    const quoted = quote(kept);
    if (kept === input && input.length <= MAX_REMEMBERED && !isDigest)
      remember(harmless, input, quoted);
    return quoted;
  }

  function searchField(input: string): string {
    if (input.length <= SEARCHED) return cut(visible(text(input)), LIMITS.text);
    // Half a secret at the edge matches no form, so the edge is given up.
    const searched = text(input.slice(0, SEARCHED));
    return cut(
      visible(searched.slice(0, Math.max(0, searched.length - longest))),
      LIMITS.text - 1,
    ).replace(/…?$/, '…');
  }

  function nameOf(name: string): Name {
    const found = names.get(name);
    if (found) return found;
    const read = { key: cut(searchField(name), LIMITS.key), isSecret: SECRET_NAME.test(name) };
    if (name.length <= MAX_REMEMBERED) remember(names, name, read);
    return read;
  }

  function write(input: unknown, depth: number, budget: Budget): string {
    if (typeof input === 'string') return writeText(input, budget);
    budget.left -= 4;
    if (typeof input === 'number') return Number.isFinite(input) ? String(input) : 'null';
    if (typeof input === 'boolean' || input === null) return String(input);
    if (typeof input === 'bigint') return quote(input.toString());
    if (typeof input !== 'object') return 'null';
    if (depth >= LIMITS.depth || budget.left <= 0) return CUT;
    if (!Array.isArray(input)) return joinMembers(writeMembers(input, depth, budget));
    const items: string[] = [];
    for (const item of input.slice(0, LIMITS.items)) items.push(write(item, depth + 1, budget));
    if (input.length > LIMITS.items) items.push(quote(`[${input.length - LIMITS.items} more]`));
    return `[${items.join()}]`;
  }

  function writeMembers(whole: object, depth: number, budget: Budget): Map<string, string> {
    const input = whole instanceof Error ? errorParts(whole) : whole;
    const members = new Map<string, string>();
    let more = 0;
    let count = 0;
    for (const name of Object.keys(input)) {
      const inner: unknown = Reflect.get(input, name);
      if (inner === undefined) continue;
      if (++count > LIMITS.keys) {
        more++;
        continue;
      }
      const { key, isSecret } = nameOf(name);
      budget.left -= key.length;
      members.set(key, isSecret ? HIDDEN : write(inner, depth + 1, budget));
    }
    if (more > 0) members.set('…', String(more));
    return members;
  }

  return {
    known,
    text,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse yields nothing else
    value: (value) => JSON.parse(write(value, 0, { left: LIMITS.total })) as JsonValue,
    members: (object) => writeMembers(object, 0, { left: LIMITS.total }),
  };
}

function errorParts(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return { ...Object.fromEntries(Object.entries(error)), name, message, stack, cause };
}

function remember<T>(map: Map<string, T>, text: string, found: T): void {
  if (map.size >= 1_024) map.clear();
  map.set(text, found);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
