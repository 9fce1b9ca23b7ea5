/** What a JSON Schema says of a value, as a lattice: `meet` where two things are said, `join` where either may hold. */
export type Shape = {
  readonly form: Form | 'anything' | 'nothing';
  readonly nullable: boolean;
  /** Why it is anything, for the person who writes policies. */
  readonly why: string;
};

export type Form =
  | { readonly kind: 'text' | 'flag' | 'whole' | 'decimal' }
  | { readonly kind: 'set'; readonly of: Shape; readonly orOne: boolean }
  | {
      readonly kind: 'record';
      readonly fields: ReadonlyMap<string, Shape>;
      readonly required: ReadonlySet<string>;
      /** Only declared members are allowed. */
      readonly closed: boolean;
    };

export const NULL: Shape = { form: 'nothing', nullable: true, why: '' };
export const NOTHING: Shape = { form: 'nothing', nullable: false, why: '' };

export function anything(why: string): Shape {
  return { form: 'anything', nullable: true, why };
}

export function of(form: Form): Shape {
  return { form, nullable: false, why: '' };
}

/** What both say. */
export function meet(a: Shape, b: Shape): Shape {
  const nullable = a.nullable && b.nullable;
  if (a.form === 'anything') return { ...b, nullable, why: b.why || a.why };
  if (b.form === 'anything') return { ...a, nullable };
  if (a.form === 'nothing' || b.form === 'nothing') return { ...NOTHING, nullable };
  const form = meetForms(a.form, b.form);
  if (form) return { form, nullable, why: '' };
  return anything('what is said of it contradicts itself');
}

function meetForms(a: Form, b: Form): Form | undefined {
  if (a.kind === 'record' && b.kind === 'record') {
    const fields = new Map(a.fields);
    for (const [name, shape] of b.fields) {
      const other = fields.get(name);
      fields.set(name, other ? meet(other, shape) : shape);
    }
    const required = new Set([...a.required, ...b.required]);
    return { kind: 'record', fields, required, closed: a.closed || b.closed };
  }
  if (a.kind === 'set' && b.kind === 'set')
    return { kind: 'set', of: meet(a.of, b.of), orOne: a.orOne && b.orOne };
  if (a.kind === 'whole' && b.kind === 'decimal') return a;
  if (a.kind === 'decimal' && b.kind === 'whole') return b;
  return a.kind === b.kind ? a : undefined;
}

/** What holds where either is said. */
export function join(a: Shape, b: Shape): Shape {
  const nullable = a.nullable || b.nullable;
  if (a.form === 'nothing') return { ...b, nullable };
  if (b.form === 'nothing') return { ...a, nullable };
  if (a.form === 'anything' || b.form === 'anything') return anything(a.why || b.why);
  const form = joinForms(a.form, b.form);
  if (form) return { form, nullable, why: '' };
  return anything(`it may be ${WORDS[a.form.kind]} or ${WORDS[b.form.kind]}`);
}

function joinForms(a: Form, b: Form): Form | undefined {
  if (a.kind === 'record' && b.kind === 'record') {
    const fields = new Map(a.fields);
    for (const [name, shape] of b.fields) {
      const other = fields.get(name);
      fields.set(name, other ? join(other, shape) : shape);
    }
    const required = new Set([...a.required].filter((name) => b.required.has(name)));
    return { kind: 'record', fields, required, closed: a.closed && b.closed };
  }
  if (a.kind === 'set' && b.kind === 'set')
    return { kind: 'set', of: join(a.of, b.of), orOne: a.orOne || b.orOne };
  if (isNumber(a) && isNumber(b)) return a.kind === b.kind ? a : { kind: 'decimal' };
  if (a.kind === b.kind) return a;
  if (a.kind === 'set') return withOne(a, b);
  return b.kind === 'set' ? withOne(b, a) : undefined;
}

/** `"a"` or `["a", "b"]`, as many tools take it. */
function withOne(set: Extract<Form, { kind: 'set' }>, one: Form): Form | undefined {
  const joined = join(set.of, of(one));
  return typeof joined.form === 'string' ? undefined : { kind: 'set', of: joined, orOne: true };
}

function isNumber({ kind }: Form): boolean {
  return kind === 'whole' || kind === 'decimal';
}

const WORDS = {
  text: 'a text',
  flag: 'true or false',
  whole: 'a number',
  decimal: 'a number',
  set: 'a list',
  record: 'an object',
} as const satisfies Record<Form['kind'], string>;
