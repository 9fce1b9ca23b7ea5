/** The value where it is a string; empty where it is not. */
export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
