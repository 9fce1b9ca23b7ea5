import { createHash } from 'node:crypto';
import { z } from 'zod';
import { sha256 } from '../audit/record.ts';
import { verifySignature, type AuditKey } from '../audit/key.ts';
import type { Caller, Label } from '../call.ts';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import type { CheckedStep } from './check-steps.ts';
import { fingerprintOf } from './fingerprint.ts';

/** What the same key signs elsewhere does not pass for this. */
export const PLAN_TYPE = 'sallyport-plan+jws';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const seconds = z.int().min(0);

const statement = z.strictObject({
  version: z.literal(1),
  plan: z.string(),
  /** sha256 of the steps as canonical JSON, hex. */
  steps: digest,
  caller: z.strictObject({ issuer: z.string(), subject: z.string(), client: z.string() }),
  /** sha256 of the policies in force. */
  policy: z.string(),
  /** sha256 of the tools that it uses, with all that was known of them. */
  catalogue: digest,
  /** What the session had read, sorted. */
  labels: z.array(z.string()).readonly(),
  /** Seconds since 1970. */
  iat: seconds,
  exp: seconds,
});

/** What the gateway signs of a validated plan. */
export type Statement = Readonly<z.infer<typeof statement>>;

export type Sealed = {
  /** The statement as JWS in the compact serialisation (RFC 7515). */
  readonly token: string;
  /** sha256 of its payload, hex: what names the plan in the audit. */
  readonly digest: string;
  /** Its signature, hex: the audit keeps no tokens. */
  readonly sig: string;
};

export function statementOf(
  id: string,
  steps: readonly CheckedStep[],
  given: {
    readonly caller: Caller;
    readonly policy: string;
    readonly labels: Iterable<Label>;
    readonly iat: number;
    readonly exp: number;
  },
): Statement {
  const { issuer, subject, client } = given.caller;
  return {
    version: 1,
    plan: id,
    steps: stepsDigest(steps),
    caller: { issuer, subject, client },
    policy: given.policy,
    catalogue: catalogueDigest(steps),
    labels: [...given.labels].toSorted(),
    iat: given.iat,
    exp: given.exp,
  };
}

export function seal(said: Statement, { publicKey, sign }: AuditKey): Sealed {
  const payload = canonicalJson(said);
  const input = inputOf(payload, publicKey);
  const sig = sign(input);
  const signature = Buffer.from(sig, 'hex').toString('base64url');
  return { token: `${input}.${signature}`, digest: sha256(payload), sig };
}

/** Whether this key has signed exactly this statement. */
export function isSealed(token: string, said: Statement, { publicKey }: AuditKey): boolean {
  const input = inputOf(canonicalJson(said), publicKey);
  if (!token.startsWith(`${input}.`)) return false;
  const signature = token.slice(input.length + 1);
  const hex = Buffer.from(signature, 'base64url').toString('hex');
  return verifySignature(publicKey, input, hex) && signature.length === 86;
}

/** The statement in a record of the audit and the digest that names it; undefined when the key did not sign it. */
export function checkStatement(
  value: JsonValue | undefined,
  sig: JsonValue | undefined,
  publicKey: string,
): { readonly statement: Statement; readonly digest: string } | undefined {
  const { data } = statement.safeParse(isJsonObject(value) ? value : undefined);
  if (!data || typeof sig !== 'string') return undefined;
  const payload = canonicalJson(data);
  if (!verifySignature(publicKey, inputOf(payload, publicKey), sig)) return undefined;
  return { statement: data, digest: sha256(payload) };
}

export function stepsDigest(steps: readonly CheckedStep[]): string {
  return sha256(
    canonicalJson(
      steps.map(({ id, tool, arguments: args, needs, maxRetries, reveal }): JsonObject => ({
        id,
        tool,
        arguments: args,
        needs: [...needs],
        maxRetries,
        reveal,
      })),
    ),
  );
}

export function catalogueDigest(steps: readonly CheckedStep[]): string {
  const prints = new Set(steps.map(({ subject }) => fingerprintOf(subject)));
  return sha256([...prints].toSorted().join('\n'));
}

/** What is signed: header and payload of a compact JWS. */
function inputOf(payload: string, publicKey: string): string {
  return `${encode(headerOf(publicKey))}.${encode(payload)}`;
}

/** `kid` is the thumbprint of the key (RFC 7638). */
function headerOf(publicKey: string): string {
  const x = Buffer.from(publicKey, 'hex').toString('base64url');
  const jwk = `{"crv":"Ed25519","kty":"OKP","x":"${x}"}`;
  const kid = createHash('sha256').update(jwk).digest('base64url');
  return canonicalJson({ alg: 'EdDSA', kid, typ: PLAN_TYPE });
}

const encode = (text: string): string => Buffer.from(text).toString('base64url');
