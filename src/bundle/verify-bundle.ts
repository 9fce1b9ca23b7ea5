import { createHash } from 'node:crypto';
import { readSignatures, tally } from '../signing/detached.ts';
import type { Key } from '../signing/keys.ts';
import { BundleFault } from './bundle-fault.ts';
import {
  BUNDLE_LIMITS,
  BUNDLE_TYPE,
  MANIFEST,
  readManifest,
  SIGNATURES,
  type Manifest,
} from './manifest.ts';
import type { BundleFolder } from './read-folder.ts';

/** Whose signatures count, and how many of them it takes. */
export type Trust = {
  /** By id. */
  readonly keys: ReadonlyMap<string, Key>;
  readonly threshold: number;
};

export type VerifyOptions = {
  readonly folder: BundleFolder;
  readonly trust: Trust;
  readonly now: () => Date;
  /** Throws for one that may not follow what was in force before. */
  readonly follows: (manifest: Manifest, digest: string) => void;
};

/** A bundle as it was signed: these buffers are what was hashed, and nothing is read again. */
export type Bundle = {
  readonly manifest: Manifest;
  /** sha256 of the manifest, hexadecimal. */
  readonly digest: string;
  /** Ids of the keys that vouch for it. */
  readonly signers: readonly string[];
  readonly files: ReadonlyMap<string, Buffer>;
};

/** Proves a bundle from the outside in: who signed, what, when, and that it is all there is. Throws a `BundleFault`. */
export async function verifyBundle(options: VerifyOptions): Promise<Bundle> {
  const { folder, trust, now, follows } = options;
  const bytes = await folder.read(MANIFEST, BUNDLE_LIMITS.manifestBytes);
  const signers = await requireSigners(folder, bytes, trust);
  const manifest = readManifest(bytes);
  const digest = sha256(bytes);
  requireTime(manifest, now());
  follows(manifest, digest);
  requireExactly(manifest, await folder.list());
  return { manifest, digest, signers, files: await readFiles(folder, manifest) };
}

async function requireSigners(
  folder: BundleFolder,
  bytes: Buffer,
  { keys, threshold }: Trust,
): Promise<readonly string[]> {
  const signatures = readSignatures(await folder.read(SIGNATURES, BUNDLE_LIMITS.signatureBytes));
  if (signatures === undefined)
    throw new BundleFault('unsigned', `its ${SIGNATURES} is no list of detached signatures`);
  const { signers, doubts } = await tally(signatures, bytes, keys, BUNDLE_TYPE);
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > keys.size)
    throw new TypeError(`Cannot verify: a threshold of ${threshold} with ${keys.size} keys`);
  if (signers.length < threshold)
    throw new BundleFault(
      'unsigned',
      `${signers.length} of the ${threshold} signatures that are needed`,
      { hint: doubts.join('; ') || 'nobody else has signed it' },
    );
  return signers;
}

/** Throws outside of the time for which the signers vouch. */
export function requireTime({ notBefore, expires }: Manifest, now: Date): void {
  const at = now.getTime();
  if (!(Date.parse(notBefore) <= at))
    throw new BundleFault('not-yet-valid', `it is valid from ${notBefore} on`, {
      until: new Date(notBefore),
    });
  if (!(at < Date.parse(expires)))
    throw new BundleFault('expired', `it expired at ${expires}`, { hint: 'sign a newer version' });
}

function requireExactly({ files }: Manifest, found: readonly string[]): void {
  const there = new Set(found.filter((name) => name !== MANIFEST && name !== SIGNATURES));
  for (const name of there)
    if (!Object.hasOwn(files, name))
      throw new BundleFault('file-added', `${JSON.stringify(name)} is not in its manifest`);
  for (const name of Object.keys(files))
    if (!there.has(name)) throw new BundleFault('file-missing', `${name} is missing`);
}

async function readFiles(
  folder: BundleFolder,
  { files }: Manifest,
): Promise<ReadonlyMap<string, Buffer>> {
  const read = new Map<string, Buffer>();
  for (const [name, { sha256: wanted, size }] of Object.entries(files)) {
    const bytes = await folder.read(name, size).catch((thrown: unknown) => {
      if (thrown instanceof BundleFault && thrown.problem === 'too-large') return undefined;
      throw thrown;
    });
    if (bytes?.length !== size || sha256(bytes) !== wanted)
      throw new BundleFault('file-changed', `${name} is not what was signed`);
    read.set(name, bytes);
  }
  return read;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
