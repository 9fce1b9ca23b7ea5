/** Answers kept by object, for objects that can never be another one's or change under the answer. */

/** Freezes plain data and everything in it. */
export function fix<T extends object>(value: T): T {
  if (Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) if (isObject(inner)) fix(inner);
  return value;
}

/** Remembers what `make` gave for an object, for as long as it lives, if it is fixed through and through; else asks anew. */
export function rememberFixed<K extends object, V extends object>(
  make: (of: K) => V,
): (of: K) => V {
  const answers = new WeakMap<K, V>();
  return function remembered(of) {
    const before = answers.get(of);
    if (before !== undefined) return before;
    const made = make(of);
    if (isKnownFixed(of)) answers.set(of, made);
    return made;
  };
}

/** Those that were looked through before, by whomever: what cannot change stays so. */
const known = new WeakSet<object>();

function isKnownFixed(value: object): boolean {
  if (known.has(value)) return true;
  if (!isFixed(value)) return false;
  known.add(value);
  return true;
}

/** Plain data, frozen in all its depth: no accessor, no `Set`, nothing that has contents of its own to change. */
function isFixed(value: unknown): boolean {
  if (!isObject(value)) return typeof value !== 'function';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null)
    return false;
  if (!Object.isFrozen(value)) return false;
  for (const key of Reflect.ownKeys(value)) {
    const member = Reflect.getOwnPropertyDescriptor(value, key);
    if (member === undefined || !('value' in member) || !isFixed(member.value)) return false;
  }
  return true;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
