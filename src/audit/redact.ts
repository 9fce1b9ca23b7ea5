import type { JsonValue } from '../lib/json.ts';
import { SECRET_NAME, SECRET_PATTERN } from './secret-patterns.ts';
import { secretForms } from './secret-forms.ts';
import { visible } from '../lib/visible.ts';

const LIMITS = { text: 2_048, total: 32_768, items: 64, keys: 64, key: 128, depth: 8 } as const;
/** Longer text is cut before it is searched: nobody pays for patterns over a megabyte that is cut anyway. */
const SEARCHED = 16_384;

/** What our own digests look like; no well-known credential does. */
const DIGEST = /^[0-9a-f]{16,64}$/;

const OPEN = { enumerable: true, writable: true, configurable: true } as const;

export type Redact = {
  /** One string of any length: the owner's own secrets alone are replaced. */
  readonly known: (text: string) => string;
  /** One string, whole: credentials replaced by `[redacted:kind]`, nothing else changed. */
  readonly text: (text: string) => string;
  /** A copy fit for a record: credentials replaced, control characters visible, size and depth bounded. */
  readonly value: (value: unknown) => JsonValue;
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

  /** The names of tools, people and policies come again with every call; found harmless once, they still are. */
  const harmless = new Set<string>();
  const innocent = new Set<string>();

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

  function field(input: string): string {
    if (harmless.has(input)) return input;
    const kept = searchField(input);
    if (kept === input && input.length <= 64) remember(harmless, input);
    return kept;
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

  function namesSecret(name: string): boolean {
    if (innocent.has(name)) return false;
    const found = SECRET_NAME.test(name);
    if (!found && name.length <= 64) remember(innocent, name);
    return found;
  }

  function value(input: unknown): JsonValue {
    return copy(input, 0, { left: LIMITS.total });
  }

  function copy(input: unknown, depth: number, budget: { left: number }): JsonValue {
    if (typeof input === 'string') {
      if (budget.left <= 0) return '[cut]';
      const kept = field(input);
      budget.left -= kept.length;
      return kept;
    }
    budget.left -= 4;
    if (typeof input === 'number') return Number.isFinite(input) ? input : null;
    if (typeof input === 'boolean' || input === null) return input;
    if (typeof input === 'bigint') return input.toString();
    if (typeof input !== 'object') return null;
    if (depth >= LIMITS.depth || budget.left <= 0) return '[cut]';
    if (input instanceof Error) return copy(errorParts(input), depth, budget);
    if (Array.isArray(input)) {
      const kept = input.slice(0, LIMITS.items).map((item) => copy(item, depth + 1, budget));
      if (input.length > LIMITS.items) kept.push(`[${input.length - LIMITS.items} more]`);
      return kept;
    }
    return copyObject(input, depth, budget);
  }

  function copyObject(input: object, depth: number, budget: { left: number }): JsonValue {
    const kept: Record<string, JsonValue> = {};
    let more = 0;
    let count = 0;
    for (const name of Object.keys(input)) {
      const inner: unknown = Reflect.get(input, name);
      if (inner === undefined) continue;
      if (++count > LIMITS.keys) {
        more++;
        continue;
      }
      const key = cut(field(name), LIMITS.key);
      budget.left -= key.length;
      const copied = namesSecret(name) ? '[redacted:name]' : copy(inner, depth + 1, budget);
      // Assigning to this name would change the prototype instead.
      if (key === '__proto__') Object.defineProperty(kept, key, { ...OPEN, value: copied });
      else kept[key] = copied;
    }
    if (more > 0) kept['…'] = more;
    return kept;
  }

  return { known, text, value };
}

function errorParts(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return { ...Object.fromEntries(Object.entries(error)), name, message, stack, cause };
}

function remember(set: Set<string>, text: string): void {
  if (set.size >= 1_024) set.clear();
  set.add(text);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
