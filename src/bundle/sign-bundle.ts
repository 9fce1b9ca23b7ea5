import { formatSignatures, kidOf, readSignatures, signDetached } from '../signing/detached.ts';
import type { Signature } from '../signing/detached.ts';
import type { Key } from '../signing/keys.ts';
import { BundleFault } from './bundle-fault.ts';
import { readContents, type Contents } from './contents.ts';
import {
  BUNDLE_LIMITS,
  BUNDLE_TYPE,
  formatManifest,
  MANIFEST,
  readManifest,
  SIGNATURES,
  type Manifest,
} from './manifest.ts';
import type { BundleFolder } from './read-folder.ts';
import { sha256 } from './verify-bundle.ts';

/** The two files that make a folder a bundle. */
export type Signed = {
  readonly manifest: Manifest;
  readonly contents: Contents;
  readonly manifestBytes: Buffer;
  readonly signatures: string;
  /** Ids of the keys that have signed it by now. */
  readonly signers: readonly string[];
};

/** Signs what is in a folder, under a name and version of its own. Throws a `BundleFault` where that makes no bundle. */
export async function signFolder(
  folder: BundleFolder,
  meta: Pick<Manifest, 'name' | 'version' | 'notBefore' | 'expires'>,
  keys: readonly Key[],
): Promise<Signed> {
  const files = new Map<string, Buffer>();
  for (const path of (await folder.list()).toSorted())
    if (path !== MANIFEST && path !== SIGNATURES)
      files.set(path, await folder.read(path, BUNDLE_LIMITS.fileBytes));
  const contents = readContents(files);
  const manifestBytes = formatManifest({
    format: 'sallyport-bundle/1',
    ...meta,
    files: Object.fromEntries(
      [...files].map(([path, bytes]) => [path, { sha256: sha256(bytes), size: bytes.length }]),
    ),
  });
  return { contents, ...(await withSignatures(manifestBytes, [], keys)) };
}

/** Adds signatures to a bundle. The files have to be what the manifest says: nobody signs what he has not got. */
export async function cosignFolder(folder: BundleFolder, keys: readonly Key[]): Promise<Signed> {
  const manifestBytes = await folder.read(MANIFEST, BUNDLE_LIMITS.manifestBytes);
  const before = readSignatures(await folder.read(SIGNATURES, BUNDLE_LIMITS.signatureBytes));
  if (before === undefined)
    throw new BundleFault('unsigned', `its ${SIGNATURES} is no list of detached signatures`);
  const { name, version, notBefore, expires } = readManifest(manifestBytes);
  const now = await signFolder(folder, { name, version, notBefore, expires }, []);
  if (!now.manifestBytes.equals(manifestBytes))
    throw new BundleFault('file-changed', `its files are not those of its ${MANIFEST}`, {
      hint: 'with --version it is signed anew, and what others have signed no longer counts',
    });
  return { contents: now.contents, ...(await withSignatures(manifestBytes, before, keys)) };
}

async function withSignatures(
  manifestBytes: Buffer,
  before: readonly Signature[],
  keys: readonly Key[],
): Promise<Omit<Signed, 'contents'>> {
  const byId = new Map(keys.map((key) => [key.kid, key]));
  const added = await Promise.all(
    [...byId.values()].map(async (key) => await signDetached(manifestBytes, key, BUNDLE_TYPE)),
  );
  const fresh = new Set(byId.keys());
  const kept = before.filter((each) => !fresh.has(kidOf(each)));
  const signatures = [...kept, ...added];
  return {
    manifest: readManifest(manifestBytes),
    manifestBytes,
    signatures: formatSignatures(signatures),
    signers: signatures.map(kidOf),
  };
}
