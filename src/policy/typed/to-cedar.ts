import { isJsonObject, type JsonObject, type JsonValue } from '../../lib/json.ts';
import { isWellFormed } from '../../lib/well-formed.ts';
import type { EntityJson } from '../cedar.ts';
import type { ArgumentType, RecordType } from './argument-type.ts';
import { below } from './argument-types.ts';

type Value = EntityJson['attrs'][string];

/** Arguments as Cedar is handed them. */
export type Seen = {
  readonly args: Readonly<Record<string, Value>>;
  /** Arguments that have a type whose value it cannot hold: a policy that looks at one cannot be asked. */
  readonly lost: ReadonlySet<string>;
  /** JSON Pointers of all that is not in `args`. */
  readonly unmapped: readonly string[];
};

/** Maps each value exactly or not at all: what a policy sees is what the tool gets. Never throws. */
export function toCedar({ fields }: RecordType, args: JsonObject): Seen {
  const unmapped = new Set<string>();
  const lost = new Set<string>();
  const seen: [string, Value][] = [];
  for (const name of Object.keys(args)) if (!fields.has(name)) unmapped.add(below('', name));
  for (const [name, { type, required, nullable }] of fields) {
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    if (value === undefined || (value === null && nullable)) {
      if (required && !nullable) lost.add(name);
      continue;
    }
    const place = below('', name);
    const mapped = map(type, value, place, (inner) => unmapped.add(inner));
    if (mapped === undefined) {
      lost.add(name);
      unmapped.add(place);
    } else seen.push([name, mapped]);
  }
  return { args: Object.fromEntries(seen), lost, unmapped: [...unmapped] };
}

type Note = (place: string) => unknown;

function map(type: ArgumentType, value: JsonValue, place: string, note: Note): Value | undefined {
  if (type.kind === 'set') return mapSet(type, value, place, note);
  if (type.kind === 'record') return mapRecord(type, value, place, note);
  if (type.kind === 'names') return mapNames(value, place, note);
  return PLAIN[type.kind](value);
}

const PLAIN = {
  text: (value) => (typeof value === 'string' && isWellFormed(value) ? value : undefined),
  flag: (value) => (typeof value === 'boolean' ? value : undefined),
  // -0 is 0 to Cedar and to JSON; larger numbers are not what the agent has written.
  whole: (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) ? value + 0 : undefined,
  decimal,
} as const satisfies Record<string, (value: JsonValue) => Value | undefined>;

/** Cedar's decimals have four digits after the point, and 15 before it that a double can tell apart. */
function decimal(value: JsonValue): Value | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > 9e11)
    return undefined;
  const arg = (value + 0).toFixed(4);
  // A rounded number is another one than the tool gets.
  return Number(arg) === value ? { __extn: { fn: 'decimal', arg } } : undefined;
}

function mapSet(
  { of, orOne }: Extract<ArgumentType, { kind: 'set' }>,
  value: JsonValue,
  place: string,
  note: Note,
): Value | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- isArray widens readonly arrays to any[]
  const items = Array.isArray(value)
    ? (value as readonly JsonValue[])
    : orOne
      ? [value]
      : undefined;
  if (items === undefined) return undefined;
  const mapped: Value[] = [];
  for (const [at, item] of items.entries()) {
    let whole = true;
    const inner = map(of, item, `${place}/${at}`, (where) => {
      whole = false;
      note(where);
    });
    // Of a set with a hole `containsAll` would say what is not true.
    if (inner === undefined || !whole) return undefined;
    mapped.push(inner);
  }
  return mapped;
}

function mapNames(value: JsonValue, place: string, note: Note): string[] | undefined {
  if (!isJsonObject(value)) return undefined;
  const names = Object.keys(value);
  for (const name of names) note(below(place, name));
  return names.every(isWellFormed) ? names : undefined;
}

function mapRecord(
  { fields }: RecordType,
  value: JsonValue,
  place: string,
  note: Note,
): Value | undefined {
  if (!isJsonObject(value)) return undefined;
  const mapped: [string, Value][] = [];
  for (const name of Object.keys(value)) if (!fields.has(name)) note(below(place, name));
  for (const [name, { type, required, nullable }] of fields) {
    const member = Object.hasOwn(value, name) ? value[name] : undefined;
    if (member === undefined || (member === null && nullable)) {
      if (required && !nullable) return undefined;
      continue;
    }
    const inner = map(type, member, below(place, name), note);
    if (inner === undefined) {
      note(below(place, name));
      return undefined;
    }
    mapped.push([name, inner]);
  }
  return Object.fromEntries(mapped);
}
