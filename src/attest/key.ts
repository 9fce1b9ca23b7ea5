import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { generateKeys, readPrivateKey, type Key } from '../signing/keys.ts';
import { createPrivateFile, makePrivateFolder, readPrivateFile } from '../state/private-file.ts';

/**
 * Opens the Ed25519 key that signs attestations, and makes it on first use. It signs nothing else: what the audit or a
 * maker of bundles signs can never pass for an attestation. Throws a `Fault` when others can read it or it is not one.
 */
export async function openAttestKey(path: string): Promise<Key> {
  makePrivateFolder(dirname(path));
  if (!existsSync(path)) createPrivateFile(path, (await generateKeys()).privateKey);
  return await readPrivateKey(readPrivateFile(path), path);
}
