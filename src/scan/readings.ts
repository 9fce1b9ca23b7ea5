import { decodings } from './decode.ts';
import type { Effort } from './effort.ts';
import { joined } from './joined.ts';
import { normalise, type Normal } from './normalise.ts';
import { surfaces } from './surfaces.ts';
import type { View } from './view.ts';

/** One way to read a text, and what its normaliser took away. */
export type Reading = { readonly view: View; readonly normal: Normal };

/** Encodings inside encodings that are undone. */
const MAX_DEPTH = 2;

/** Which readings are taken, by the last part of their names; `normal` is what the normaliser undoes. */
export type Reads = (name: string) => boolean;

/** Every reading of a text that `effort` allows, each once, one at a time. */
export function* readings(
  input: View,
  effort: Effort,
  reads: Reads = () => true,
  depth = 0,
): Generator<Reading> {
  for (const view of [input, ...joined(input)]) {
    if (!isRead(view, reads)) continue;
    if (!effort.spend(view.text.length)) break;
    const normal = reads('normal') ? normalise(view) : asItIs(view);
    for (const surface of both([normal.view], surfaces(normal.view))) {
      if (!isRead(surface, reads) || !effort.isNewReading(surface, normal)) continue;
      if (!effort.spend(surface.text.length)) break;
      yield { view: surface, normal };
    }
    if (depth === MAX_DEPTH || effort.isSpent()) continue;
    for (const decoded of decodings(normal.view)) {
      if (effort.isSpent()) break;
      if (isRead(decoded, reads) && effort.isNewInput(decoded.text, depth))
        yield* readings(decoded, effort, reads, depth + 1);
    }
  }
}

function isRead({ name }: View, reads: Reads): boolean {
  return reads(name.slice(name.lastIndexOf('+') + 1));
}

function asItIs(view: View): Normal {
  return { view, smuggled: 0, invisible: 0, mixed: 0 };
}

function* both<T>(first: Iterable<T>, second: Iterable<T>): Generator<T> {
  yield* first;
  yield* second;
}
