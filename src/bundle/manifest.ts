import * as z from 'zod';
import { canonicalJson, JsonError, parseJson } from '../lib/json.ts';
import { BundleFault } from './bundle-fault.ts';

export const MANIFEST = 'manifest.json';
export const SIGNATURES = 'manifest.jws.json';
/** `typ` of the signatures. */
export const BUNDLE_TYPE = 'sallyport-bundle+jws';
export const BUNDLE_LIMITS = {
  manifestBytes: 1024 * 1024,
  signatureBytes: 64 * 1024,
  fileBytes: 4 * 1024 * 1024,
  totalBytes: 32 * 1024 * 1024,
  files: 4096,
} as const;

/** Plain names alone: no `..`, no absolute path, nothing hidden, nothing that another file system spells otherwise. */
const PATH = /^(?:[A-Za-z0-9][A-Za-z0-9._-]*\/)*[A-Za-z0-9][A-Za-z0-9._-]*$/u;
const MAX_PATH = 255;
const moment = z.iso.datetime({
  precision: 0,
  error: 'expected UTC, such as 2026-12-01T00:00:00Z',
});

const manifest = z.strictObject({
  expires: moment,
  files: z.record(
    z.string().max(MAX_PATH).regex(PATH, { error: 'it is no plain relative path' }),
    z.strictObject({
      sha256: z.string().regex(/^[0-9a-f]{64}$/u, { error: 'expected 64 lower-case hex digits' }),
      size: z.int().min(0).max(BUNDLE_LIMITS.fileBytes),
    }),
  ),
  format: z.literal('sallyport-bundle/1'),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/u, {
    error: 'a name is 1 to 64 of a-z 0-9 . _ -',
  }),
  notBefore: moment,
  version: z.int().min(1),
});

/** What is signed: which files, exactly, under which name and version, and from when to when. */
export type Manifest = Readonly<z.infer<typeof manifest>>;

/** The bytes that are signed. Throws a `BundleFault` where they would not be read again. */
export function formatManifest(value: Manifest): Buffer {
  const bytes = Buffer.from(canonicalJson(value));
  readManifest(bytes);
  return bytes;
}

/**
 * Reads a manifest whose signatures are good. Only the canonical spelling of one is read: no byte order mark, no line
 * ends, no key twice. Throws a `BundleFault`.
 */
export function readManifest(bytes: Buffer): Manifest {
  try {
    const value = parseJson(bytes, { maxBytes: BUNDLE_LIMITS.manifestBytes, maxDepth: 4 });
    if (!Buffer.from(canonicalJson(value)).equals(bytes)) return malformed('is not canonical JSON');
    const parsed = manifest.safeParse(value);
    const [issue] = parsed.error?.issues ?? [];
    if (!parsed.success) {
      const inner = issue?.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
      return malformed(
        `is not one: ${[...(issue?.path ?? [])].map(String).join(' / ')}: ${inner ?? issue?.message}`,
      );
    }
    const { files, notBefore, expires } = parsed.data;
    const names = Object.keys(files);
    if (names.length > BUNDLE_LIMITS.files)
      throw new BundleFault('too-large', `it has more than ${BUNDLE_LIMITS.files} files`);
    const total = Object.values(files).reduce((sum, { size }) => sum + size, 0);
    if (total > BUNDLE_LIMITS.totalBytes)
      throw new BundleFault('too-large', `it has more than ${BUNDLE_LIMITS.totalBytes} bytes`);
    // Some file systems hold one file under both names.
    if (new Set(names.map((name) => name.toLowerCase())).size !== names.length)
      return malformed('has two names that differ in case alone');
    if (names.some((name) => [MANIFEST, SIGNATURES].includes(name.toLowerCase())))
      return malformed('names itself');
    if (Date.parse(notBefore) >= Date.parse(expires)) return malformed('expires before it begins');
    return parsed.data;
  } catch (thrown) {
    if (thrown instanceof JsonError) return malformed(`cannot be read: ${thrown.message}`);
    throw thrown;
  }
}

function malformed(why: string): never {
  throw new BundleFault('malformed', `its ${MANIFEST} ${why}`);
}
