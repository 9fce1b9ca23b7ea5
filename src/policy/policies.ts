import { join } from 'node:path';
import { packageRoot } from '../lib/package-root.ts';

/** Folders of the policies that are shipped. */
export const SHIPPED = {
  /** Forbids that are always in force, whatever else is loaded. */
  guardrails: join(packageRoot(), 'policies', 'default'),
  /** One person on one machine: reading is free, everything else asks. */
  personal: join(packageRoot(), 'policies', 'personal'),
  /** To copy from. */
  examples: join(packageRoot(), 'policies', 'examples'),
} as const;

export const BASE_SCHEMA = join(packageRoot(), 'policies', 'base.cedarschema');

/** What Cedar makes of the texts that are shipped; see `parsed.ts`. */
export const PARSED = join(packageRoot(), 'policies', 'parsed.json');

/** The policies a configuration asks for; none written: the personal set. */
export function policyPaths(config: {
  readonly policy: { readonly path: readonly string[] };
}): readonly string[] {
  return config.policy.path.length > 0 ? config.policy.path : [SHIPPED.personal];
}
