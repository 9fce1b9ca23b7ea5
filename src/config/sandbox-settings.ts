import { JsonError, parseJson } from '../lib/json.ts';
import { Fault } from '../lib/fault.ts';
import { sandboxSchema } from './sandbox-schema.ts';
import type { Settings } from './schema.ts';

/** What stands below `sandbox` in a configuration. */
export type SandboxSettings = Settings['sandbox'];

/** Reads these settings from a JSON file of their own, as strictly as the configuration. Throws a `Fault`. */
export function readSandboxSettings(bytes: Uint8Array, file: string): SandboxSettings {
  const broken = (why: string): Fault => new Fault(`Cannot use ${file}: ${why}`);
  try {
    const parsed = sandboxSchema.safeParse(parseJson(bytes, { maxBytes: 65_536, maxDepth: 8 }));
    if (parsed.success) return parsed.data;
    throw broken(
      parsed.error.issues
        .map(({ path, message }) => [...path.map(String), message].join(': '))
        .join('; '),
    );
  } catch (cause) {
    if (cause instanceof JsonError) throw broken(cause.message);
    throw cause;
  }
}
