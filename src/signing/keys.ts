import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { Fault } from '../lib/fault.ts';

/** One half of an Ed25519 key pair; `kid` is the thumbprint of the public half (RFC 7638). */
export type Key = { readonly kid: string; readonly key: KeyObject };

const PUBLIC = '-----BEGIN PUBLIC KEY-----';
const PRIVATE = '-----BEGIN PRIVATE KEY-----';

/** A new pair, as PEM: PKCS #8 and SPKI. */
export async function generateKeys(): Promise<{
  readonly kid: string;
  readonly privateKey: string;
  readonly publicKey: string;
}> {
  const pair = generateKeyPairSync('ed25519');
  return {
    kid: await thumbprint(pair.publicKey),
    privateKey: String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicKey: String(pair.publicKey.export({ type: 'spki', format: 'pem' })),
  };
}

/** The key that a file lets verify with. Throws a `Fault` for anything but one Ed25519 public key. */
export async function readPublicKey(text: string, path: string): Promise<Key> {
  const key = parse(text, PUBLIC, createPublicKey);
  if (key) return { kid: await thumbprint(key), key };
  throw new Fault(`Cannot use ${path}: it is no Ed25519 public key in PEM`, {
    hint: text.includes('PRIVATE KEY')
      ? 'it is the private one, which belongs on the machine that signs; name the .pub beside it'
      : 'sallyport policy keygen NAME makes one',
  });
}

/** The key that a file lets sign with. Throws a `Fault` for anything but one Ed25519 private key. */
export async function readPrivateKey(text: string, path: string): Promise<Key> {
  const key = parse(text, PRIVATE, createPrivateKey);
  if (key) return { kid: await thumbprint(createPublicKey(key)), key };
  throw new Fault(`Cannot sign with ${path}: it is no Ed25519 private key in PEM`, {
    hint: 'sallyport policy keygen NAME makes one',
  });
}

/** The half of a private key that others verify with, and its PEM. */
export function publicHalf({ kid, key }: Key): { readonly key: Key; readonly pem: string } {
  const open = createPublicKey(key);
  return { key: { kid, key: open }, pem: String(open.export({ type: 'spki', format: 'pem' })) };
}

function parse(
  text: string,
  heading: string,
  read: (text: string) => KeyObject,
): KeyObject | undefined {
  // Node would make a public key of a private one too, and read the first of several.
  if (!text.startsWith(heading) || text.split('-----BEGIN ').length !== 2) return undefined;
  try {
    const key = read(text);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

async function thumbprint(key: KeyObject): Promise<string> {
  const { kty = '', crv = '', x = '' } = key.export({ format: 'jwk' });
  return await calculateJwkThumbprint({ kty, crv, x });
}
