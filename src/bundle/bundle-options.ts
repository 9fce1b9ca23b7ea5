import { stateLayout } from '../state/layout.ts';
import { createBundleMemory, type BundleMemory } from './memory.ts';
import { readTrust } from './trust.ts';
import type { Trust } from './verify-bundle.ts';

/** What a configuration says about its bundle. */
export type BundleSettings = {
  /** The folder. */
  readonly path: string;
  /** Files with the public keys. */
  readonly keys: readonly string[];
  readonly threshold: number;
  readonly name?: string;
};

/** The keys and the memory that belong to it. Throws a `Fault` for keys that cannot be used. */
export async function bundleOptions(
  { path, keys, threshold, name }: BundleSettings,
  state: string,
): Promise<{ readonly trust: Trust; readonly memory: BundleMemory }> {
  return {
    trust: await readTrust(keys, threshold),
    memory: createBundleMemory({ path: stateLayout(state).bundles, place: path, name }),
  };
}
