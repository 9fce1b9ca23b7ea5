/** A text the detector reads, and the way back from it to the text that came in. */

/** UTF-16 offsets, end exclusive. */
export type Span = readonly [start: number, end: number];

export type View = {
  /** Where the text was seen: `raw`, `base64`, `hidden`, `base64+url`, … */
  readonly name: string;
  readonly text: string;
  /** The part of the original text that a part of this one stands for. */
  locate(start: number, end: number): Span;
};

/** The text as it came; `offset` is where it starts in a longer one. */
export function rawView(text: string, offset = 0): View {
  return { name: 'raw', text, locate: (start, end) => [start + offset, end + offset] };
}

/** Writes a new view out of pieces of another one, and keeps for each piece where it came from. */
export function createWeave(parent: View): Weave {
  const parts: string[] = [];
  const at: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  let length = 0;

  function add(text: string, start: number, end: number): void {
    if (text === '') return;
    parts.push(text);
    at.push(length);
    from.push(start);
    to.push(end);
    length += text.length;
  }

  function origin(index: number): Span {
    let low = 0;
    let high = at.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((at[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    const [start, end, offset] = [from[low] ?? 0, to[low] ?? 0, index - (at[low] ?? 0)];
    const verbatim = end - start === (at[low + 1] ?? length) - (at[low] ?? 0);
    return verbatim ? [start + offset, start + offset + 1] : [start, end];
  }

  return {
    copy: (start, end) => add(parent.text.slice(start, end), start, end),
    put: add,
    finish: (name) => ({
      name,
      text: parts.join(''),
      locate: (start, end) => parent.locate(origin(start)[0], origin(Math.max(start, end - 1))[1]),
    }),
  };
}

export type Weave = {
  /** Takes a piece of the parent as it is. */
  copy(start: number, end: number): void;
  /** Puts a text that stands for a piece of the parent. */
  put(text: string, start: number, end: number): void;
  finish(name: string): View;
};

/** What `pattern` (global) finds, one after the other. `matchAll` would build a new expression each time it is called. */
export function* matches(text: string, pattern: RegExp): Generator<RegExpExecArray> {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    // What matches nothing would match there for ever.
    const isPair = (text.codePointAt(pattern.lastIndex) ?? 0) > 0xffff;
    const step = match[0] === '' ? (isPair ? 2 : 1) : 0;
    const next = pattern.lastIndex + step;
    yield match;
    pattern.lastIndex = next;
  }
}

/** Replaces what `pattern` (global) finds; `undefined` leaves a match alone. The same view comes back when nothing changes. */
export function rewrite(
  view: View,
  pattern: RegExp,
  replace: (match: RegExpExecArray) => string | undefined,
  name = view.name,
): View {
  const weave = createWeave(view);
  let done = 0;
  let changed = false;
  for (const match of matches(view.text, pattern)) {
    const text = replace(match);
    if (text === undefined || text === match[0]) continue;
    changed = true;
    weave.copy(done, match.index);
    done = match.index + match[0].length;
    weave.put(text, match.index, done);
  }
  if (!changed) return view;
  weave.copy(done, view.text.length);
  return weave.finish(name);
}

/** Whether a reading was said where no person looks, or so that no person can read it. */
export function isConcealed(name: string): boolean {
  return /hidden|base64|base32|hex|url|numbers|rot|caesar|atbash|reversed|turned|morse/.test(name);
}

/** The name of a view made from another one. */
export function nested(view: View, name: string): string {
  return view.name === 'raw' || view.name === name ? name : `${view.name}+${name}`;
}
