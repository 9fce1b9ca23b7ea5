import { createHash, verify, type KeyObject } from 'node:crypto';
import { AttestFault } from './attest-fault.ts';
import type { TpmEvidence } from './claims.ts';

/** TPM 2.0 Library, part 2: structures. */
const GENERATED = 0xff_54_43_47;
const ATTEST_QUOTE = 0x80_18;
const ECDSA = 0x00_18;
const SHA256 = 0x00_0b;
/** Of P-256. */
const COORDINATE = 32;

/** PCRs of the SHA-256 bank by number, hexadecimal, as a TPM has vouched for them. */
export type ProvenPcrs = ReadonlyMap<string, string>;

/**
 * Proves that the TPM with this key has signed these bytes together with these PCRs. Needs no TPM and no tpm2-tools.
 * Throws an `AttestFault`.
 */
export function verifyQuote(
  { quote, signature, pcrs }: TpmEvidence,
  key: KeyObject,
  bound: Buffer,
): ProvenPcrs {
  const attest = Buffer.from(quote, 'base64url');
  const signed = readSignature(Buffer.from(signature, 'base64url'));
  if (!verify('sha256', attest, { key, dsaEncoding: 'ieee-p1363' }, signed))
    return refuse('is not by the key of --ak');
  const { extra, selected, digest } = readQuote(attest);
  if (!extra.equals(bound)) return refuse('is about other claims');
  const values = selected.map((index) => [String(index), pcrs[String(index)] ?? ''] as const);
  // One that is beside the quote and not in it would be anybody's word.
  if (values.length !== Object.keys(pcrs).length) return refuse('is about other PCRs');
  const composite = createHash('sha256');
  for (const [, value] of values) composite.update(Buffer.from(value, 'hex'));
  if (!composite.digest().equals(digest)) return refuse('is about other values of the PCRs');
  return new Map(values);
}

/** TPMT_SIGNATURE as `r ‖ s`. A restricted key of another scheme is not the one that the verifier trusts. */
function readSignature(bytes: Buffer): Buffer {
  const take = reader(bytes);
  if (take.number(2) !== ECDSA || take.number(2) !== SHA256)
    return refuse('has a signature that is not ECDSA with SHA-256');
  const [r, s] = [take.sized(), take.sized()];
  take.end();
  if (r.length > COORDINATE || s.length > COORDINATE)
    return refuse('has a signature that is too long');
  return Buffer.concat(
    [r, s].map((each) => Buffer.concat([Buffer.alloc(COORDINATE - each.length), each])),
  );
}

/** TPMS_ATTEST of a quote with one selection, of the SHA-256 bank. */
function readQuote(bytes: Buffer): {
  readonly extra: Buffer;
  readonly selected: readonly number[];
  readonly digest: Buffer;
} {
  const take = reader(bytes);
  // A key that is restricted signs nothing from outside that begins like this.
  if (take.number(4) !== GENERATED) return refuse('was not made by a TPM');
  if (take.number(2) !== ATTEST_QUOTE) return refuse('is another statement of a TPM');
  // The name of the key, which the signature has proven.
  take.sized();
  const extra = take.sized();
  // Clock, counts of resets and restarts, whether the clock is safe; version of the firmware.
  take.bytes(8 + 4 + 4 + 1 + 8);
  if (take.number(4) !== 1 || take.number(2) !== SHA256)
    return refuse('is about another bank than SHA-256');
  const bits = take.bytes(take.number(1));
  const selected = [...bits].flatMap((byte, at) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte >> bit) & 1).map((bit) => at * 8 + bit),
  );
  const digest = take.sized();
  take.end();
  return { extra, selected, digest };
}

/** Big-endian fields, one after the other, and nothing behind the last. */
function reader(bytes: Buffer) {
  let at = 0;
  function take(length: number): Buffer {
    if (at + length > bytes.length) return refuse('is cut off');
    at += length;
    return bytes.subarray(at - length, at);
  }
  return {
    bytes: take,
    number: (length: number): number => take(length).readUIntBE(0, length),
    sized: (): Buffer => take(take(2).readUInt16BE()),
    end(): void {
      if (at !== bytes.length) refuse('is longer than it says');
    },
  };
}

function refuse(why: string): never {
  throw new AttestFault('quote', `its quote ${why}`);
}
