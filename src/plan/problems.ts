import type { ErrorObject } from 'ajv';

const MAX_LISTED = 12;

/** What is wrong with a value, in words a model can act on; places are JSON Pointers (RFC 6901). Never quotes values. */
export function describeProblems(errors: readonly ErrorObject[]): string {
  const lines = [...new Set(errors.filter(({ keyword }) => keyword !== 'if').map(describe))];
  const listed = lines.slice(0, MAX_LISTED);
  const rest = lines.length - listed.length;
  return listed.join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

type Describe = (params: Readonly<Record<string, unknown>>, place: string) => string;

const DESCRIPTIONS: Readonly<Record<string, Describe>> = {
  required: ({ missingProperty }, place) => `${place}/${escape(missingProperty)} is missing`,
  dependentRequired: ({ missingProperty, property }, place) =>
    `${place}/${escape(missingProperty)} is missing, ${quote(property)} needs it`,
  additionalProperties: ({ additionalProperty }, place) =>
    `${place}/${escape(additionalProperty)} is not known`,
  unevaluatedProperties: ({ unevaluatedProperty }, place) =>
    `${place}/${escape(unevaluatedProperty)} is not known`,
  type: ({ type }, place) =>
    `${name(place)} must be ${Array.isArray(type) ? type.join(' or ') : String(type)}`,
  enum: ({ allowedValues }, place) => `${name(place)} must be one of ${quote(allowedValues)}`,
  const: ({ allowedValue }, place) => `${name(place)} must be ${quote(allowedValue)}`,
  pattern: ({ pattern }, place) => `${name(place)} must match ${quote(pattern)}`,
  format: ({ format }, place) => `${name(place)} must be a valid ${String(format).slice(0, 40)}`,
  anyOf: (_, place) => `${name(place)} fits none of the allowed forms`,
  oneOf: (_, place) => `${name(place)} must fit exactly one of the allowed forms`,
};

function describe({ keyword, instancePath, params, message }: ErrorObject): string {
  const place = instancePath.slice(0, 200);
  const known = Object.hasOwn(DESCRIPTIONS, keyword) ? DESCRIPTIONS[keyword] : undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ajv types params as any
  return known
    ? known(params as Record<string, unknown>, place)
    : `${name(place)} ${(message ?? 'is not valid').slice(0, 200)}`;
}

const name = (place: string): string => (place === '' ? 'the value' : place);
const escape = (key: unknown): string =>
  String(key).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
