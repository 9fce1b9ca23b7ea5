import type { FSWatcher } from 'node:fs';
import { statSync, watch as watchFolder } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../lib/json.ts';
import type { Candidate } from '../policy/in-force.ts';
import { withGuardrails } from '../policy/texts.ts';
import { BundleFault } from './bundle-fault.ts';
import { bundleOptions, type BundleSettings } from './bundle-options.ts';
import { readContents, type Contents } from './contents.ts';
import { MANIFEST, SIGNATURES, type Manifest } from './manifest.ts';
import { openBundleFolder } from './read-folder.ts';
import { requireTime, verifyBundle } from './verify-bundle.ts';

/** A bundle that is proven and read, and may come into force. */
export type BundleCandidate = Candidate & {
  readonly manifest: Manifest;
  readonly contents: Contents;
  /** Ids of the keys that vouch for it. */
  readonly signers: readonly string[];
  /** Name, version, digest, signers and end, for the audit. */
  readonly said: JsonObject;
  /** From now on nothing older is taken. Throws a `BundleFault` where it is too late for this one. */
  readonly remember: () => void;
};

export type BundleSource = {
  /** Proves what is there now. Throws a `BundleFault`. */
  readonly read: () => Promise<BundleCandidate>;
  /** Told a moment after something changed there, and when the time of one comes that was too early; the returned function ends that. */
  readonly watch: (onChange: () => void) => () => void;
};

const POLL_MS = 1000;
/** A bundle is put in place file by file. */
const QUIET_MS = 300;
/** Changes of a bundle with more folders are noticed by its manifest alone. */
const MAX_WATCHED = 64;
/** A clock that is a little slow must not be asked at every turn. */
const MIN_WAIT_MS = 1000;
/** The longest that a timer can wait. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/** The bundle that a configuration names. Throws a `Fault` for keys that cannot be used. */
export async function openBundleSource(
  settings: BundleSettings,
  state: string,
  now: () => Date,
): Promise<BundleSource> {
  const { path } = settings;
  const { trust, memory } = await bundleOptions(settings, state);
  const listeners = new Set<() => void>();
  let due: NodeJS.Timeout | undefined;

  /** Nothing in the folder will change when its time has come. */
  function lookAgain(at: Date): void {
    if (listeners.size === 0) return;
    const wait = Math.min(Math.max(at.getTime() - now().getTime(), MIN_WAIT_MS), MAX_WAIT_MS);
    due = setTimeout(() => {
      for (const listener of listeners) listener();
    }, wait);
    due.unref();
  }

  async function read(): Promise<BundleCandidate> {
    const folder = await openBundleFolder(path);
    clearTimeout(due);
    const bundle = await verifyBundle({ folder, trust, now, follows: memory.check }).catch(
      (thrown: unknown) => {
        if (thrown instanceof BundleFault && thrown.until !== undefined) lookAgain(thrown.until);
        throw thrown;
      },
    );
    const { manifest, digest, signers } = bundle;
    const contents = readContents(bundle.files);
    const { name, version, expires } = manifest;
    return {
      id: digest,
      texts: await withGuardrails(contents.policies),
      expires: new Date(expires),
      manifest,
      contents,
      signers,
      said: { name, version, digest, signers: [...signers], expires },
      remember() {
        // Trying it took a while.
        requireTime(manifest, now());
        memory.remember(manifest, digest);
      },
    };
  }

  return {
    read,
    watch(onChange) {
      listeners.add(onChange);
      const unwatch = watchBundle(path, onChange);
      return () => {
        listeners.delete(onChange);
        clearTimeout(due);
        unwatch();
      };
    },
  };
}

/** The kernel tells of changes in its folders; the look at its manifest also finds a link that was switched. */
function watchBundle(path: string, onChange: () => void): () => void {
  let watchers: FSWatcher[] = [];
  let quiet: NodeJS.Timeout | undefined;
  let seen = identify(path);
  let ended = false;

  function touched(): void {
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      seen = identify(path);
      void follow();
      onChange();
    }, QUIET_MS);
    quiet.unref();
  }

  async function follow(): Promise<void> {
    const folders = await foldersIn(path).catch(() => []);
    for (const each of watchers) each.close();
    watchers = [];
    if (ended) return;
    for (const folder of folders)
      try {
        const watcher = watchFolder(folder, { persistent: false }, touched);
        watcher.on('error', () => undefined);
        watchers.push(watcher);
      } catch {
        // The look at the manifest is left.
      }
  }

  const poll = setInterval(() => {
    if (identify(path) !== seen) touched();
  }, POLL_MS);
  poll.unref();
  void follow();
  return () => {
    ended = true;
    clearInterval(poll);
    clearTimeout(quiet);
    for (const each of watchers) each.close();
  };
}

/** Changes whenever others may be there. */
function identify(path: string): string {
  return [MANIFEST, SIGNATURES]
    .map((file) => {
      try {
        const found = statSync(join(path, file), { bigint: true });
        return `${found.dev} ${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
      } catch {
        return 'not there, or not for us';
      }
    })
    .join();
}

async function foldersIn(path: string): Promise<string[]> {
  const root = await realpath(path);
  const found = [root];
  for (const at of found)
    for (const entry of await readdir(at, { withFileTypes: true }))
      if (entry.isDirectory() && found.length < MAX_WATCHED) found.push(join(at, entry.name));
  return found;
}
