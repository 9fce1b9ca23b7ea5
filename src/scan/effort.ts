import type { Normal } from './normalise.ts';
import { isConcealed, type View } from './view.ts';

/** Characters that are read for each one of the text, on average: twice what the most tangled of ordinary texts ask for. */
const READINGS = 12;
/** A text has this much of its length on top, so that short ones may be all tangle. */
const AHEAD = { least: 16_384, most: 65_536 } as const;

/** What a text may still cost, and what was read of its window already. A text made to be slow ends here. */
export type Effort = {
  /** Begins the next window. */
  readonly open: (length: number) => void;
  /** Whether so many characters more may be read. Once refused, it stays refused. */
  readonly spend: (characters: number) => boolean;
  /** Whether a decoded text is worth a look: not when the same was read before, with as many layers left. */
  readonly isNewInput: (text: string, depth: number) => boolean;
  /** Whether measuring a reading can say more than what was measured before. */
  readonly isNewReading: (reading: View, normal: Normal) => boolean;
  /** Something was left unread. */
  readonly isSpent: () => boolean;
};

/** Makes the effort for a text of `length` characters. */
export function createEffort(length: number): Effort {
  let left = Math.min(Math.max(length, AHEAD.least), AHEAD.most) * READINGS;
  let inputs = new Map<string, number>();
  let readings = new Map<string, Set<number>>();

  return {
    open(characters) {
      left += characters * READINGS;
      inputs = new Map();
      readings = new Map();
    },
    spend(characters) {
      left -= left < 0 ? 0 : characters;
      return left >= 0;
    },
    isNewInput(text, depth) {
      const before = inputs.get(text);
      if (before !== undefined && before <= depth) return false;
      inputs.set(text, depth);
      return true;
    },
    isNewReading({ name, text }, { smuggled, invisible, mixed }) {
      const kind =
        Number(isConcealed(name)) + 2 * Number(smuggled >= 8) + 4 * Math.max(invisible, mixed);
      const before = readings.get(text);
      if (before?.has(kind)) return false;
      if (before) before.add(kind);
      else readings.set(text, new Set([kind]));
      return true;
    },
    isSpent: () => left < 0,
  };
}
