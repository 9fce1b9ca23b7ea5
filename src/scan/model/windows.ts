/** Words of the stretches that are scored at once, and how far apart they begin: a sentence, and what stands around one. */
const SIZES = [
  { size: 12, stride: 4 },
  { size: 32, stride: 8 },
] as const;
/** Features that every stretch is taken to hold beside its own: short ones must not shout. */
export const AHEAD = 100;
/** What the model card says of the stretches. */
export const STRETCHES = SIZES.map(({ size }) => size);

/** Visits every stretch of `count` words, the last words included; a text shorter than a stretch is one. */
export function eachStretch(count: number, visit: (from: number, to: number) => void): void {
  for (const { size, stride } of SIZES) {
    if (count <= size) {
      if (count > 0) visit(0, count);
      return;
    }
    for (let from = 0; from + size < count; from += stride) visit(from, from + size);
    visit(count - size, count);
  }
}
