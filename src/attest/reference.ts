import * as z from 'zod';
import { Fault } from '../lib/fault.ts';
import { JsonError, parseJson } from '../lib/json.ts';
import { visible } from '../lib/visible.ts';
import { DIGEST, PART_NAMES, PCR, PCR_NAME, type Measurements, type PartName } from './claims.ts';
import type { ProvenPcrs } from './quote.ts';

const FORMAT = 'sallyport-reference/1';
const LIMITS = { maxBytes: 1024 * 1024, maxDepth: 4 } as const;

function oneOrMore(schema: z.ZodType<string>) {
  return z.union([schema.transform((one) => [one]), z.array(schema).min(1)]);
}
const reference = z.strictObject({
  format: z.literal(FORMAT),
  digests: z
    .partialRecord(z.enum(PART_NAMES), oneOrMore(DIGEST))
    // An empty one would be met by anything.
    .refine((digests) => Object.keys(digests).length > 0, 'it names no part'),
  /** Of the SHA-256 bank, by number. */
  pcrs: z.record(PCR_NAME, oneOrMore(PCR)).default({}),
});

/** What is right, as the verifier knows it from somewhere else: of each part that it names, one of these digests. */
export type Reference = Readonly<z.infer<typeof reference>>;

/** Reads a reference strictly. Throws a `Fault`: a part that is misspelt would be one that nobody compares. */
export function readReference(bytes: Uint8Array, path: string): Reference {
  const broken = (why: string): Fault =>
    new Fault(visible(`Cannot use the reference ${path}: ${why}`), {
      hint: 'sallyport attest reference prints one',
    });
  try {
    const parsed = reference.safeParse(parseJson(bytes, LIMITS));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw broken([...(issue?.path ?? []), issue?.message].map(String).join(': '));
  } catch (thrown) {
    throw thrown instanceof JsonError ? broken(thrown.message) : thrown;
  }
}

/** The text of a reference with what these measurements know. */
export function formatReference(
  measurements: Partial<Measurements>,
  pcrs: Readonly<Record<string, string>> = {},
): string {
  const digests = PART_NAMES.flatMap((name) => {
    const part = measurements[name];
    return part && 'digest' in part ? [[name, part.digest] as const] : [];
  });
  const known = { format: FORMAT, digests: Object.fromEntries(digests) };
  const all = Object.keys(pcrs).length > 0 ? { ...known, pcrs } : known;
  return `${JSON.stringify(all, null, 2)}\n`;
}

/** The parts that a reference names, and what of them is not as it says, for a person. */
export function compare(
  measurements: Measurements,
  { digests }: Reference,
): { readonly compared: readonly PartName[]; readonly differences: readonly string[] } {
  const compared = PART_NAMES.filter((name) => digests[name] !== undefined);
  const differences = compared.flatMap((name) => {
    const part = measurements[name];
    if ('unknown' in part) return [`${name} is unknown (${part.unknown})`];
    return digests[name]?.includes(part.digest) === true
      ? []
      : [`${name} is ${part.digest}, which is not expected`];
  });
  return { compared, differences };
}

/** The same for PCRs that a TPM has vouched for. */
export function comparePcrs(
  proven: ProvenPcrs,
  { pcrs }: Reference,
): { readonly compared: readonly string[]; readonly differences: readonly string[] } {
  const compared = Object.keys(pcrs);
  const differences = compared.flatMap((index) => {
    const value = proven.get(index);
    if (value === undefined) return [`PCR ${index} is not in the quote`];
    return pcrs[index]?.includes(value) === true
      ? []
      : [`PCR ${index} is ${value}, which is not expected`];
  });
  return { compared, differences };
}
