import { Denial } from '../denial.ts';

export type Answer = 'approved' | 'denied' | 'unanswered';

/** Questions that one person has open at a time, on all connections. */
const MAX_OPEN = 8;
/** How often a person says no, to the same call and in a row, before being left alone for a while. */
const NOES = { same: 3, row: 10 } as const;
/** Milliseconds. */
const PEACE = { same: 600_000, row: 60_000 } as const;

type Noes = { readonly count: number; readonly at: number };

export type Question = { readonly person: string; readonly id: string; readonly what: string };

export type PutQuestion = (
  question: Question,
  put: () => Promise<Answer>,
  signal: AbortSignal,
) => Promise<Answer>;

/**
 * Puts questions to people who have other things to do: identical ones wait for one answer, of which a no is for all of
 * them and a yes for one; too many, or the same again after a no, are refused. `now` as `Date.now`.
 */
export function createQuestions(now: () => number): PutQuestion {
  const open = new Map<string, Promise<Answer>>();
  const openOf = new Map<string, number>();
  const noes = new Map<string, Noes>();

  return async function question({ person, id, what }, put, signal) {
    for (let first = open.get(id); first !== undefined; first = open.get(id)) {
      // Whoever asked first may have gone without an answer.
      const said = await orGone(first, signal);
      if (said === 'denied' || said === 'unanswered') return said;
    }
    leaveInPeace(person, id, what);
    const asked = put();
    open.set(id, asked);
    openOf.set(person, (openOf.get(person) ?? 0) + 1);
    try {
      const said = await asked;
      remember(person, id, said);
      return said;
    } finally {
      open.delete(id);
      const left = (openOf.get(person) ?? 1) - 1;
      if (left > 0) openOf.set(person, left);
      else openOf.delete(person);
    }
  };

  function leaveInPeace(person: string, id: string, what: string): void {
    if ((openOf.get(person) ?? 0) >= MAX_OPEN)
      throw new Denial(
        'rate-limited',
        `Cannot ask about ${what}: ${MAX_OPEN} questions are open already`,
        { hint: 'wait until the user has answered them' },
      );
    if (countOf(id, PEACE.same) >= NOES.same)
      throw new Denial('approval-denied', `Cannot run ${what}: the user said no, repeatedly`, {
        hint: 'do not ask for it again; do it another way, or ask the user what to do',
      });
    if (countOf(person, PEACE.row) >= NOES.row)
      throw new Denial(
        'rate-limited',
        `Cannot ask about ${what}: the user said no to the last ${NOES.row} questions`,
        { hint: 'stop, and ask the user what to do' },
      );
  }

  function countOf(key: string, peace: number): number {
    const found = noes.get(key);
    if (found === undefined || now() - found.at > peace) return 0;
    return found.count;
  }

  function remember(person: string, id: string, said: Answer): void {
    for (const [key, found] of noes) if (now() - found.at > PEACE.same) noes.delete(key);
    for (const key of [person, id])
      if (said === 'denied') noes.set(key, { count: (noes.get(key)?.count ?? 0) + 1, at: now() });
      else if (said === 'approved') noes.delete(key);
  }
}

/** The answer to a question that another call has asked; undefined where that one went without. */
async function orGone(first: Promise<Answer>, signal: AbortSignal): Promise<Answer | undefined> {
  const cancelled = new Promise<never>((_, reject) => {
    const leave = (): void => reject(Denial.from(signal.reason));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
  return await Promise.race([first.catch(() => undefined), cancelled]);
}
