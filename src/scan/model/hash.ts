const BITS = 18;
/** Buckets of the model: one byte each. */
export const BUCKETS = 1 << BITS;

/** FNV-1a over the UTF-16 units of a part of a text. */
export function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** Joins two hashes; the order counts. */
export function mix(one: number, other: number): number {
  let hash = Math.imul(one ^ 0x9e3779b9, 0x85ebca6b) ^ other;
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}

/** One thing that the model sees of a text: the low bits are its bucket, those above its kind, of which there are 32. */
export function featureOf(hash: number, kind: number): number {
  return (kind << BITS) | (Math.imul(mix(hash, kind), 0x9e3779b1) >>> (32 - BITS));
}

export const bucketOf = (feature: number): number => feature & (BUCKETS - 1);
export const kindOf = (feature: number): number => feature >>> BITS;
