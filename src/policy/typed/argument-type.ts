import { isWellFormed } from '../../lib/well-formed.ts';
import type { SchemaJson } from '../cedar.ts';

/** What Cedar can see of an argument. */
export type ArgumentType =
  | { readonly kind: 'text' | 'flag' | 'whole' | 'decimal' }
  /** Of an object with members of any name: those names. */
  | { readonly kind: 'names' }
  /** `orOne`: one value may stand where a list may, and is a set of one. */
  | { readonly kind: 'set'; readonly of: ArgumentType; readonly orOne: boolean }
  | RecordType;

export type RecordType = {
  readonly kind: 'record';
  readonly fields: ReadonlyMap<string, Field>;
};

export type Field = {
  readonly type: ArgumentType;
  readonly required: boolean;
  /** Null says the same as leaving it out. */
  readonly nullable: boolean;
};

type CommonTypes = NonNullable<SchemaJson[string]['commonTypes']>;
export type CedarType = CommonTypes[string];
export type CedarRecord = Extract<CedarType, { attributes: unknown }>;

/** Keys that Cedar's JSON form reads as something else than a name, and the one that is no member of an object. */
const RESERVED: ReadonlySet<string> = new Set(['__entity', '__extn', '__expr', '__proto__']);

/** Whether Cedar can have an attribute of this name. */
export function isName(name: string): boolean {
  return !RESERVED.has(name) && isWellFormed(name);
}

const PLAIN = {
  text: { type: 'String' },
  flag: { type: 'Boolean' },
  whole: { type: 'Long' },
  decimal: { type: 'Extension', name: 'decimal' },
  names: { type: 'Set', element: { type: 'String' } },
} as const satisfies Record<string, CedarType>;

/** The type as Cedar's schema writes it. */
export function cedarType(type: ArgumentType): CedarType {
  if (type.kind === 'record') return cedarRecord(type);
  if (type.kind === 'set') return { type: 'Set', element: cedarType(type.of) };
  return PLAIN[type.kind];
}

export function cedarRecord({ fields }: RecordType): CedarRecord {
  const attributes = [...fields].map(([name, { type, required, nullable }]) => [
    name,
    { ...cedarType(type), required: required && !nullable },
  ]);
  return { type: 'Record', attributes: Object.fromEntries(attributes) };
}
