import { createWeave, type View } from './view.ts';

/** Signs this near to each other belong together, and so does the text this near to them: more than `STRETCH` of evidence.ts. */
const NEAR = 1000;

/** Where something stands in a text, and what. */
export type Place = { readonly index: number; readonly 0: string };

/** The parts of a text where at least `least` of these places, in their order, are near each other; empty when there are none. */
export function around(view: View, places: Iterable<Place>, least: number, name: string): View[] {
  const weave = createWeave(view);
  let done = 0;
  const starts: number[] = [];
  for (const { index, 0: found } of places) {
    starts.push(index);
    const first = starts.at(-least);
    if (first === undefined || index - first > NEAR) continue;
    const start = Math.max(done, first - NEAR);
    if (start > done && done > 0) weave.put('\n\n', start, start);
    const end = Math.min(view.text.length, index + found.length + NEAR);
    weave.copy(start, end);
    done = end;
  }
  const near = weave.finish(name);
  return near.text === '' ? [] : [near];
}
