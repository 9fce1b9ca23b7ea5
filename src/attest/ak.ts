import { createPublicKey, type KeyObject } from 'node:crypto';
import { Fault } from '../lib/fault.ts';

const HEADING = '-----BEGIN PUBLIC KEY-----';

/** The key with which a TPM signs quotes. Throws a `Fault` for anything but one public key on the curve P-256. */
export function readAk(text: string, path: string): KeyObject {
  const key = parse(text);
  if (key?.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  throw new Fault(`Cannot use ${path}: it is no P-256 public key in PEM`, {
    hint: 'sallyport attest ak prints that of the TPM of a machine',
  });
}

function parse(text: string): KeyObject | undefined {
  // Node would make a public key of a private one too, and read the first of several.
  if (!text.startsWith(HEADING) || text.split('-----BEGIN ').length !== 2) return undefined;
  try {
    return createPublicKey(text);
  } catch {
    return undefined;
  }
}
