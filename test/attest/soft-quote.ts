import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { TpmEvidence } from '../../src/attest/claims.ts';

/** What a TPM writes into a quote, part by part, as hexadecimal; a vector changes one. */
type QuoteParts = Record<
  'magic' | 'type' | 'signer' | 'extra' | 'clock' | 'banks' | 'digest' | 'tail' | 'scheme' | 'end',
  string
>;

const KEYS: Readonly<
  Record<string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>
> = {
  tpm: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  eve: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

export function tpmKey(name: string): KeyObject {
  const found = KEYS[name];
  if (!found) throw new TypeError(`no TPM ${name}`);
  return found.publicKey;
}

/** PCR n holds the digit n, 64 times. */
export const PCRS: Readonly<Record<string, string>> = Object.fromEntries(
  [0, 4, 7, 9].map((index) => [String(index), String(index).repeat(64)]),
);

/** A quote in the form of TPM 2.0, part 2, by a key that is in no TPM: what only a real one writes is tested with swtpm. */
export function softQuote(
  bound: Buffer,
  changes: Partial<QuoteParts>,
  { by = 'tpm', pcrs = PCRS }: { readonly by?: string; readonly pcrs?: typeof PCRS } = {},
): TpmEvidence {
  const composite = createHash('sha256');
  for (const value of Object.values(PCRS)) composite.update(Buffer.from(value, 'hex'));
  const parts: QuoteParts = {
    magic: 'ff544347',
    type: '8018',
    signer: sized('000b'.concat('ab'.repeat(32))),
    extra: sized(bound.toString('hex')),
    clock: '00'.repeat(25),
    // One selection, SHA-256, three bytes: PCRs 0, 4, 7 and 9.
    banks: '00000001000b03910200',
    digest: sized(composite.digest('hex')),
    tail: '',
    scheme: '0018000b',
    end: '',
  };
  const { magic, type, signer, extra, clock, banks, digest, tail, scheme, end } = {
    ...parts,
    ...changes,
  };
  const quote = Buffer.from(magic + type + signer + extra + clock + banks + digest + tail, 'hex');
  const key = KEYS[by]?.privateKey;
  if (!key) throw new TypeError(`no TPM ${by}`);
  const signed = sign('sha256', quote, { key, dsaEncoding: 'ieee-p1363' }).toString('hex');
  const signature = scheme + sized(signed.slice(0, 64)) + sized(signed.slice(64)) + end;
  return {
    quote: quote.toString('base64url'),
    signature: Buffer.from(signature, 'hex').toString('base64url'),
    pcrs,
  };
}

function sized(hex: string): string {
  return (hex.length / 2).toString(16).padStart(4, '0') + hex;
}
