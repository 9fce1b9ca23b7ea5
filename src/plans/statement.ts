import { createHash } from 'node:crypto';
import { sha256 } from '../audit/record.ts';
import { verifySignature, type AuditKey } from '../audit/key.ts';
import type { Caller, Label } from '../call.ts';
import { canonicalJson, type JsonObject } from '../lib/json.ts';
import type { CheckedStep } from './check-steps.ts';
import { fingerprintOf } from './fingerprint.ts';

/** What the same key signs elsewhere does not pass for this. */
export const PLAN_TYPE = 'sallyport-plan+jws';

/** What the gateway signs of a validated plan. */
export type Statement = {
  readonly version: 1;
  readonly plan: string;
  /** sha256 of the steps as canonical JSON, hex. */
  readonly steps: string;
  readonly caller: { readonly issuer: string; readonly subject: string; readonly client: string };
  /** sha256 of the policies in force. */
  readonly policy: string;
  /** sha256 of the tools that it uses, with all that was known of them. */
  readonly catalogue: string;
  /** What the session had read, sorted. */
  readonly labels: readonly Label[];
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp: number;
};

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

export function seal(statement: Statement, { publicKey, sign }: AuditKey): Sealed {
  const payload = canonicalJson(statement);
  const input = `${encode(headerOf(publicKey))}.${encode(payload)}`;
  const sig = sign(input);
  const signature = Buffer.from(sig, 'hex').toString('base64url');
  return { token: `${input}.${signature}`, digest: sha256(payload), sig };
}

/** Whether this key has signed exactly this statement. */
export function isSealed(token: string, statement: Statement, { publicKey }: AuditKey): boolean {
  const input = `${encode(headerOf(publicKey))}.${encode(canonicalJson(statement))}`;
  if (!token.startsWith(`${input}.`)) return false;
  const signature = token.slice(input.length + 1);
  const hex = Buffer.from(signature, 'base64url').toString('hex');
  return verifySignature(publicKey, input, hex) && signature.length === 86;
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

/** `kid` is the thumbprint of the key (RFC 7638). */
function headerOf(publicKey: string): string {
  const x = Buffer.from(publicKey, 'hex').toString('base64url');
  const jwk = `{"crv":"Ed25519","kty":"OKP","x":"${x}"}`;
  const kid = createHash('sha256').update(jwk).digest('base64url');
  return canonicalJson({ alg: 'EdDSA', kid, typ: PLAN_TYPE });
}

const encode = (text: string): string => Buffer.from(text).toString('base64url');
