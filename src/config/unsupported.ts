import type { ConfigPath } from './problem.ts';

/**
 * Keys of later versions, and for some the values that already work. A guard that is written but not enforced must
 * never be silently ignored, so these are recognised and refused. `*` stands for any name.
 */
const LATER: readonly (readonly [path: string, works?: (value: unknown) => boolean])[] = [
  ['state.url'],
  ['telemetry.otlp', (value) => typeof value !== 'string' || value === ''],
];

/** Takes what this version does not do out of `settings`, and tells where it stood. */
export function takeUnsupported(settings: unknown): ConfigPath[] {
  const found: ConfigPath[] = [];
  for (const [pattern, works] of LATER) visit(settings, pattern.split('.'), [], works);
  return found;

  function visit(
    value: unknown,
    [step, ...rest]: readonly string[],
    path: readonly string[],
    works: ((value: unknown) => boolean) | undefined,
  ): void {
    if (step === undefined || typeof value !== 'object' || value === null || Array.isArray(value))
      return;
    for (const key of step === '*' ? Object.keys(value) : [step]) {
      if (!Object.hasOwn(value, key)) continue;
      const inner: unknown = Reflect.get(value, key);
      if (rest.length > 0) visit(inner, rest, [...path, key], works);
      else if (works?.(inner) !== true) {
        found.push([...path, key]);
        Reflect.deleteProperty(value, key);
      }
    }
  }
}
