import { z } from 'zod';
import { verifySignature, type AuditKey } from '../audit/key.ts';
import { readCanonical, sha256 } from '../audit/record.ts';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';

/** Signatures of other things with the same key say something else. */
const DOMAIN = 'sallyport approval v1\n';

const time = z.iso.datetime();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const nonce = z.string().regex(/^[0-9a-f]{32}$/);
export const ID = /^[0-9a-hjkmnp-tv-z]{16}$/;

/** The one call that a yes is for: another caller, tool, definition, policy or byte of the arguments is another one. */
const binding = z.strictObject({
  issuer: z.string(),
  subject: z.string(),
  client: z.string(),
  method: z.string(),
  server: z.string(),
  name: z.string(),
  /** sha256 of the definition. */
  definition: z.string(),
  /** Of the tool, sorted: the lock may come to say that it does more. */
  classes: z.array(z.string()),
  dataClass: z.number(),
  /** What the session had read, sorted: a yes to a calm session is none to one that has read untrusted text. */
  labels: z.array(z.string()),
  /** sha256 of the policies. */
  policy: z.string(),
  /** Keyed digest of the arguments, the one that stands in the audit. */
  arguments: digest,
  /** Keyed digest of all that is sent but `_meta`. */
  params: digest,
});

const request = z.strictObject({
  version: z.literal(1),
  kind: z.literal('request'),
  id: z.string().regex(ID),
  /** Of this asking: the same call asked again later has the same id and another nonce. */
  nonce,
  traceId: z.string(),
  at: time,
  expires: time,
  binding,
  /** What a person is shown besides the binding. */
  shown: z.strictObject({
    classes: z.array(z.string()),
    arguments: z.string(),
    labels: z.array(z.string()),
    notes: z.array(z.string()),
  }),
});

/** Only digests and words of our own: what the audit writes down of it has to stay what was signed. */
const receipt = z.strictObject({
  version: z.literal(1),
  kind: z.literal('receipt'),
  id: z.string().regex(ID),
  nonce,
  /** sha256 of the whole request. */
  request: digest,
  definition: z.string(),
  policy: z.string(),
  arguments: digest,
  decision: z.enum(['approved', 'denied']),
  by: z.enum(['client', 'terminal']),
  at: time,
  /** Until when it counts. */
  expires: time,
});

export type Binding = z.infer<typeof binding>;
export type Request = z.infer<typeof request>;
export type Receipt = z.infer<typeof receipt>;
export type Decision = Receipt['decision'];
export type Way = Receipt['by'];

export function digestOf(asked: Request): string {
  return sha256(canonicalJson(asked));
}

/** One line: canonical JSON with its signature in it. */
export function seal(statement: Request | Receipt, sign: AuditKey['sign']): string {
  return `${canonicalJson(signed(statement, sign))}\n`;
}

/** A receipt with its signature, as the audit keeps it. */
export function signed(statement: Request | Receipt, sign: AuditKey['sign']): JsonObject {
  return { ...statement, sig: sign(DOMAIN + canonicalJson(statement)) };
}

export function openRequest(line: Buffer, publicKey: string): Request | undefined {
  return open(line, publicKey, request);
}

export function openReceipt(line: Buffer, publicKey: string): Receipt | undefined {
  return open(line, publicKey, receipt);
}

/** The receipt in a record of the audit; undefined when the key did not sign it. */
export function checkReceipt(value: JsonValue | undefined, publicKey: string): Receipt | undefined {
  return isJsonObject(value) ? check(value, publicKey, receipt) : undefined;
}

/** Undefined for what this key did not sign, in any other spelling than its own. */
function open<T extends JsonObject>(
  line: Buffer,
  publicKey: string,
  shape: z.ZodType<T>,
): T | undefined {
  const value = line.at(-1) === 0x0a ? readCanonical(line.subarray(0, -1)) : undefined;
  return value && check(value, publicKey, shape);
}

function check<T extends JsonObject>(
  value: JsonObject,
  publicKey: string,
  shape: z.ZodType<T>,
): T | undefined {
  const { sig, ...parts } = value;
  const { data } = shape.safeParse(parts);
  const isSigned =
    data !== undefined &&
    typeof sig === 'string' &&
    verifySignature(publicKey, DOMAIN + canonicalJson(data), sig);
  return isSigned ? data : undefined;
}
