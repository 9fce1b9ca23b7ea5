import { execFileSync } from 'node:child_process';
import { createHmac, sign as signBytes } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { readContents } from '../../src/bundle/contents.ts';
import { createBundleMemory } from '../../src/bundle/memory.ts';
import {
  BUNDLE_TYPE,
  MANIFEST,
  readManifest,
  SIGNATURES,
  type Manifest,
} from '../../src/bundle/manifest.ts';
import { openBundleFolder } from '../../src/bundle/read-folder.ts';
import { signFolder } from '../../src/bundle/sign-bundle.ts';
import { sha256, verifyBundle, type Bundle, type Trust } from '../../src/bundle/verify-bundle.ts';
import { canonicalJson } from '../../src/lib/json.ts';
import { signDetached, type Signature } from '../../src/signing/detached.ts';
import { generateKeys, readPrivateKey, readPublicKey, type Key } from '../../src/signing/keys.ts';

export type Pair = {
  readonly kid: string;
  readonly secret: Key;
  readonly open: Key;
  readonly pem: string;
};

async function pair(name: string): Promise<Pair> {
  const { kid, privateKey, publicKey } = await generateKeys();
  return {
    kid,
    pem: publicKey,
    secret: await readPrivateKey(privateKey, name),
    open: await readPublicKey(publicKey, name),
  };
}

/** Two who are trusted in the tests, and one who is not. */
export const KEYS: Readonly<Record<string, Pair>> = {
  ci: await pair('ci'),
  ops: await pair('ops'),
  eve: await pair('eve'),
};

function keyOf(name: string): Pair {
  const found = KEYS[name];
  if (!found) throw new TypeError(`no key ${name}`);
  return found;
}

export const META = {
  name: 'team',
  version: 7,
  notBefore: '2026-11-01T00:00:00Z',
  expires: '2026-12-31T00:00:00Z',
} as const;

const FILES = {
  'a.cedar': '@id("a") permit(principal, action, resource in Server::"web");',
  'team/b.cedar': '@id("b")\nforbid(principal, action, resource);\n',
};

/** Writes and signs a bundle in this folder; `manifest` as it is signed, not as a signer of ours would make it. */
export async function makeBundle(
  folder: string,
  { files = FILES, meta = META, signers = ['ci'] }: BundleParts = {},
): Promise<void> {
  for (const [path, text] of Object.entries(files)) write(folder, path, text);
  const keys = signers.map((name) => keyOf(name).secret);
  const signed = await signFolder(await openBundleFolder(folder), meta, keys);
  writeFileSync(join(folder, MANIFEST), signed.manifestBytes);
  writeFileSync(join(folder, SIGNATURES), signed.signatures);
}

export type BundleParts = {
  readonly files?: Readonly<Record<string, string>>;
  readonly meta?: Pick<Manifest, 'name' | 'version' | 'notBefore' | 'expires'>;
  readonly signers?: readonly string[];
};

export function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

export function trustOf(names: readonly string[], threshold = 1): Trust {
  return {
    keys: new Map(names.map((name) => [keyOf(name).kid, keyOf(name).open])),
    threshold,
  };
}

/** A bundle, who looks at it, and what that one remembers; the steps of a vector change them. */
export type Scene = {
  /** Of the bundle; its neighbours are the test's too. */
  readonly folder: string;
  readonly state: string;
  trust: Trust;
  now: Date;
  name: string | undefined;
  signatures: Signature[];
};

export function sceneIn(scratch: string): Scene {
  return {
    folder: join(scratch, 'bundle'),
    state: join(scratch, 'state'),
    trust: trustOf(['ci']),
    now: new Date('2026-11-25T12:00:00Z'),
    name: undefined,
    signatures: [],
  };
}

/** What a gateway does with it. */
export async function judge(scene: Scene): Promise<Bundle> {
  const bundle = await verifyBundle({
    folder: await openBundleFolder(scene.folder),
    trust: scene.trust,
    now: () => scene.now,
    follows: memoryOf(scene).check,
  });
  readContents(bundle.files);
  return bundle;
}

export function memoryOf({ state, folder, name }: Scene): ReturnType<typeof createBundleMemory> {
  return createBundleMemory({ path: state, place: folder, name });
}

type Step = (scene: Scene, ...words: string[]) => unknown;

/** What the lines of a vector do, by their first word. */
const STEPS: Readonly<Record<string, Step>> = {
  write: ({ folder }, path = '', ...text) => write(folder, path, unquote(text)),
  append: ({ folder }, path = '', ...text) => appendFileSync(join(folder, path), unquote(text)),
  large: ({ folder }, path = '', size = '') => write(folder, path, '/'.repeat(Number(size))),
  remove: ({ folder }, path = '') => rmSync(join(folder, path), { recursive: true }),
  rename: ({ folder }, from = '', to = '') => renameSync(join(folder, from), join(folder, to)),
  folder: ({ folder }, path = '') => mkdirSync(join(folder, path)),
  symlink: ({ folder }, path = '', to = '') => symlinkSync(to, join(folder, path)),
  pipe: ({ folder }, path = '') => execFileSync('mkfifo', [join(folder, path)]),
  manifest({ folder }, ...words) {
    const path = join(folder, MANIFEST);
    const [, from = '', to = ''] = /^("(?:[^"\\]|\\.)*") (".*")$/u.exec(words.join(' ')) ?? [];
    const text = readFileSync(path, 'utf8');
    const changed = text.replace(unquote([from]), () => unquote([to]));
    if (changed === text) throw new TypeError(`the manifest has no ${from}`);
    writeFileSync(path, changed);
  },
  async sign(scene, name = '', times = '1') {
    const bytes = readFileSync(join(scene.folder, MANIFEST));
    for (let n = 0; n < Number(times); n++)
      scene.signatures.push(await signDetached(bytes, keyOf(name).secret, BUNDLE_TYPE));
    writeSignatures(scene);
  },
  signature(scene, ...words) {
    const by = words.pop() ?? '';
    const header = words.join(' ').replaceAll(/@(\w+)/gu, (_, name: string) => keyOf(name).kid);
    const encoded = Buffer.from(header).toString('base64url');
    const input = Buffer.concat([
      Buffer.from(`${encoded}.`),
      readFileSync(join(scene.folder, MANIFEST)),
    ]);
    scene.signatures.push({ protected: encoded, signature: signatureBy(by, input) });
    writeSignatures(scene);
  },
  signatures: ({ folder }, ...text) => write(folder, SIGNATURES, text.join(' ')),
  /** By somebody who makes a manifest of whatever is there. */
  async 'signed-anew'(scene) {
    const folder = await openBundleFolder(scene.folder);
    const files: Record<string, { sha256: string; size: number }> = {};
    for (const path of await folder.list())
      if (path !== MANIFEST && path !== SIGNATURES) {
        const bytes = readFileSync(join(scene.folder, path));
        files[path] = { sha256: sha256(bytes), size: bytes.length };
      }
    const manifest = { format: 'sallyport-bundle/1', ...META, files };
    write(scene.folder, MANIFEST, canonicalJson(manifest));
    scene.signatures = [];
    await STEPS['sign']?.(scene, 'ci');
  },
  trust(scene, names = '', threshold = '') {
    scene.trust = trustOf(names.split(','), Number(threshold));
  },
  now(scene, at = '') {
    scene.now = new Date(at);
  },
  named(scene, name) {
    scene.name = name;
  },
  place: (scene, name = '') => memoryOf(scene).remember({ ...manifestOf(scene), name }, ''),
  remembered(scene, version = '', which = '') {
    const manifest = { ...manifestOf(scene), version: Number(version) };
    const digest = sha256(readFileSync(join(scene.folder, MANIFEST)));
    memoryOf(scene).remember(manifest, which === 'same' ? digest : '0'.repeat(64));
  },
};

/** Does what a vector says, line by line. */
export async function play(scene: Scene, text: string): Promise<void> {
  for (const line of text.split('\n').filter(Boolean)) {
    const [word = '', ...words] = line.split(' ');
    const step = STEPS[word];
    if (!step) throw new TypeError(`no step ${word}`);
    await step(scene, ...words);
  }
}

function manifestOf({ folder }: Scene): Manifest {
  return readManifest(readFileSync(join(folder, MANIFEST)));
}

function writeSignatures({ folder, signatures }: Scene): void {
  write(folder, SIGNATURES, JSON.stringify({ signatures }));
}

function signatureBy(by: string, input: Buffer): string {
  if (by === 'none') return 'AA';
  if (by === 'hmac') {
    const secret = keyOf('ci').pem;
    return createHmac('sha256', secret).update(input).digest('base64url');
  }
  return signBytes(null, input, keyOf(by).secret.key).toString('base64url');
}

function unquote(words: readonly string[]): string {
  return String(JSON.parse(words.join(' ')));
}
