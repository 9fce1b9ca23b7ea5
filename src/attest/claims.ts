import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Language } from '../sandbox/languages.ts';
import { canonicalJson, JsonError, parseJson } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import { AttestFault } from './attest-fault.ts';

/** `typ` of the tokens (RFC 9782). */
export const ATTEST_TYPE = 'eat+jwt';
/** `eat_profile` (RFC 9711 section 6): docs/attestation.md is what it stands for. Other claims are another profile. */
export const PROFILE = 'urn:uuid:0cf9a3ae-4f7c-4a53-9c0a-5b2e6d1f7a41';
/** How long a token may be believed at most, in seconds. */
export const LIFETIME_S = 3600;
export const CLAIM_LIMITS = { maxBytes: 64 * 1024, maxDepth: 8 } as const;

/** CoAP Content-Format of application/json (RFC 7252 section 12.3). */
const JSON_FORMAT = 50;

export const DIGEST = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/u, 'expected sha256: and 64 hex digits');
const word = z.string().max(256);
const count = z.int().min(0);
/** What could not be measured, and why: nothing is left out in silence. */
const unknown = z.strictObject({ unknown: z.string().min(1).max(1024) });

function part<S extends z.ZodRawShape>(shape: S) {
  return z.union([z.strictObject({ digest: DIGEST, ...shape }), unknown]);
}

const image = part({ name: word });
const imageParts = {
  'image:python': image,
  'image:javascript': image,
  'image:bash': image,
} satisfies Record<`image:${Language}`, typeof image>;

const measurements = z.strictObject({
  /** What the package ships and Node runs. */
  program: part({ version: word }),
  /** The packages it imports, and theirs. */
  dependencies: part({ count }),
  /** The binary that runs it, and the options and variables that it was started with. */
  node: part({ version: word, options: z.array(word) }),
  configuration: part({}),
  policy: part({
    count,
    bundle: z
      .strictObject({
        name: word,
        version: count,
        digest: DIGEST,
        signers: z.array(word),
        expires: z.iso.datetime(),
      })
      .optional(),
  }),
  lock: part({ count, origin: z.enum(['file', 'bundle']) }),
  runsc: part({ version: word }),
  ...imageParts,
});

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/u);
export const PCR = z.string().regex(/^[0-9a-f]{64}$/u, 'expected 64 lower-case hex digits');
export const PCR_NAME = z.string().regex(/^(?:\d|1\d|2[0-3])$/u, 'a PCR is 0 to 23');

const tpmEvidence = z.strictObject({
  /** TPMS_ATTEST over the rest of the claims. */
  quote: base64url.max(2048),
  /** TPMT_SIGNATURE. */
  signature: base64url.max(1024),
  /** Of the SHA-256 bank. */
  pcrs: z.record(PCR_NAME, PCR),
});

const seconds = z.int().min(0);
const claims = z.strictObject({
  iss: word,
  aud: z.string().min(1).max(1024).optional(),
  iat: seconds,
  exp: seconds,
  eat_nonce: z.string().optional(),
  eat_profile: word,
  swname: z.literal('sallyport'),
  swversion: z.tuple([word]),
  dbgstat: z.enum(['enabled', 'disabled']),
  measurements: z.tuple([z.tuple([z.literal(JSON_FORMAT), base64url])]),
  /** Evidence by others than the program itself, about the other claims. */
  submods: z.strictObject({ tpm: z.union([tpmEvidence, unknown]) }),
});

/** What was measured, by name. */
export type Measurements = Readonly<z.infer<typeof measurements>>;
export type PartName = keyof Measurements;
/** One part: its digest and what a person wants to know of it, or why it is unknown. */
export type Part = Measurements[PartName];
/** The claims of RFC 7519 and RFC 9711 that are made. */
export type Claims = Readonly<z.infer<typeof claims>>;
export type OwnClaims = Omit<Claims, 'submods'>;
export type TpmEvidence = Readonly<z.infer<typeof tpmEvidence>>;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names are those of the schema, and the schema is strict
export const PART_NAMES = Object.keys(measurements.shape) as readonly PartName[];

/** RFC 9278: who issues a token is the key that signs it, and nobody else can say so. */
export function issuerOf(kid: string): string {
  return `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${kid}`;
}

/** RFC 9711 section 4.1: in JSON a nonce has 8 to 88 bytes. */
export function isNonce(text: string): boolean {
  return /^[\x21-\x7e]{8,88}$/u.test(text);
}

/** What a piece of evidence has to be about: every claim, the nonce and the signing key among them, but the evidence. */
export function boundBy(all: OwnClaims | Claims): Buffer {
  const own = Object.entries(all).filter(([name]) => name !== 'submods');
  const text = canonicalJson(Object.fromEntries(own));
  return createHash('sha256').update(`sallyport attest evidence v1\n${text}`).digest();
}

/** The `measurements` claim that holds these. */
export function wrapMeasurements(value: Measurements): Claims['measurements'] {
  return [[JSON_FORMAT, Buffer.from(canonicalJson(value)).toString('base64url')]];
}

/** What a signed payload claims. Throws an `AttestFault` for anything but the claims of this profile. */
export function readClaims(payload: Uint8Array): Claims {
  const value = parse(payload);
  const named = z.looseObject({ eat_profile: z.string() }).safeParse(value);
  if (named.success && named.data.eat_profile !== PROFILE)
    throw new AttestFault('profile', 'its eat_profile is another', {
      hint: 'it was made by another program or version',
    });
  return read(claims, value);
}

/** What these claims say was measured. Throws an `AttestFault`. */
export function readMeasurements({ measurements: [[, text]] }: Claims): Measurements {
  return read(measurements, parse(Buffer.from(text, 'base64url')));
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes, CLAIM_LIMITS);
  } catch (thrown) {
    if (thrown instanceof JsonError) throw new AttestFault('claims', thrown.message);
    throw thrown;
  }
}

function read<T>(schema: z.ZodType<T>, value: JsonValue): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AttestFault(
    'claims',
    `they are not those of the profile: ${[...(issue?.path ?? []), issue?.message].map(String).join(': ')}`,
  );
}
