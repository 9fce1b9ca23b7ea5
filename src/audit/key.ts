import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { randomBytes, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { Fault } from '../lib/fault.ts';
import { createPrivateFile, makePrivateFolder, readPrivateFile } from '../state/private-file.ts';

const keyFile = z.strictObject({
  version: z.literal(1),
  /** Ed25519, PKCS #8, PEM. */
  checkpoints: z.string(),
  /** HMAC-SHA256 key, 32 bytes, hex. */
  digests: z.string().regex(/^[0-9a-f]{64}$/),
});

/** What the audit does with its secrets; the secrets themselves stay in here. */
export type AuditKey = {
  /** Ed25519 public key, 32 bytes, hex. */
  readonly publicKey: string;
  /** HMAC-SHA256, hex: equal values have equal digests, and without the key nobody can try values out. */
  readonly digest: (text: string) => string;
  /** Ed25519 signature, hex. */
  readonly sign: (text: string) => string;
};

/** Opens the key file, and makes it on first use. Throws a `Fault` when others can read it or it is not one. */
export function openAuditKey(path: string): AuditKey {
  makePrivateFolder(dirname(path));
  if (!existsSync(path)) createPrivateFile(path, newKeyFile());
  return readAuditKey(path);
}

/** Reads a key file that is there. */
export function readAuditKey(path: string): AuditKey {
  const { privateKey, digests } = parseKeyFile(path, readPrivateFile(path));
  const publicKey = rawPublicKey(privateKey);
  return {
    publicKey,
    digest: (text) => createHmac('sha256', digests).update(text).digest('hex'),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('hex'),
  };
}

export function verifySignature(publicKey: string, text: string, signature: string): boolean {
  // Lower-case hex alone: a second spelling of the same signature would be a change nobody notices.
  if (!/^[0-9a-f]{128}$/.test(signature)) return false;
  return verify(null, Buffer.from(text), keyFromRaw(publicKey), Buffer.from(signature, 'hex'));
}

function newKeyFile(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return `${JSON.stringify({
    version: 1,
    checkpoints: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    digests: randomBytes(32).toString('hex'),
  })}\n`;
}

function parseKeyFile(path: string, text: string): { privateKey: KeyObject; digests: Buffer } {
  try {
    const parsed = keyFile.parse(JSON.parse(text));
    const privateKey = createPrivateKey(parsed.checkpoints);
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
    return { privateKey, digests: Buffer.from(parsed.digests, 'hex') };
  } catch {
    // The cause may quote the file.
    throw new Fault(`Cannot use ${path}: it is not an audit key`, {
      hint: 'restore it from a backup; without it earlier records can no longer be signed on',
    });
  }
}

function rawPublicKey(privateKey: KeyObject): string {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url').toString('hex');
}

const keys = new Map<string, KeyObject>();

function keyFromRaw(publicKey: string): KeyObject {
  let key = keys.get(publicKey);
  if (!key) {
    const x = Buffer.from(publicKey, 'hex').toString('base64url');
    key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    keys.set(publicKey, key);
  }
  return key;
}
