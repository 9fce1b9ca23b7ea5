import { Denial } from '../denial.ts';
import { Fault } from '../lib/fault.ts';
import { finishGently } from '../lib/steps.ts';
import { CLOSING, tryPolicies } from './canary.ts';
import { createCedar, type Cedar } from './cedar.ts';
import { policySteps, preparePolicy, type Policy, type PolicyOptions } from './policy.ts';
import { digestOf } from './sources.ts';
import type { Texts } from './texts.ts';

/** Policies that were read and may come into force. */
export type Candidate = {
  readonly texts: Texts;
  /** Equal for what would be the same in force. */
  readonly id: string;
  /** From then on it permits nothing; absent: it has no end. */
  readonly expires?: Date;
};

export type InForceOptions<C extends Candidate> = Pick<
  PolicyOptions,
  'canEnforce' | 'facts' | 'plans'
> & {
  readonly now: () => Date;
  /** Reads what is there now. Throws what a person can mend. */
  readonly read: () => Promise<C>;
  /** Called before it is in force, and never after `close`. Where it throws, it does not come into force. */
  readonly admit: (candidate: C, policy: Policy) => void;
  /** Takes why a candidate did not come into force; what was, stays. */
  readonly onRefused: (thrown: unknown) => void;
};

/** Policies that can be exchanged while calls are decided: each question is answered by one set, whole. */
export type InForce = {
  /** Rejects where there is nothing to begin with. */
  readonly ready: Promise<void>;
  readonly decide: Policy['decide'];
  readonly visible: Policy['visible'];
  /** Of those that decide now. */
  readonly digest: () => string;
  /** Looks for others, and says whether they are in force now. One at a time; never rejects. */
  readonly reload: () => Promise<boolean>;
  /** Told after each exchange; the returned function ends that. */
  readonly onChange: (listener: () => void) => () => void;
  /** Nothing more comes into force; what is, goes on to decide. Resolves when no thread is left that tries one. */
  readonly close: () => Promise<void>;
};

/** Puts `first` in force, and later candidates in its place, each tried in a thread of its own before. */
export function createInForce<C extends Candidate>(
  first: Promise<C>,
  { now, canEnforce, facts, plans, read, admit, onRefused }: InForceOptions<C>,
): InForce {
  let cedar: Cedar;
  const options = { now, ...(canEnforce && { canEnforce }), ...(facts && { facts }), plans };
  const listeners = new Set<() => void>();
  let current: { readonly candidate: C; readonly policy: Policy } | undefined;
  let last: Promise<unknown>;
  let trial: Promise<unknown> = Promise.resolve();
  const closing = new AbortController();
  const { signal } = closing;

  const ready = (async () => {
    const candidate = await first;
    requireOpen();
    cedar = createCedar();
    const policy = preparePolicy(candidate.texts, options, cedar);
    admit(candidate, policy);
    current = { candidate, policy };
  })();
  last = ready.catch(() => undefined);

  function requireOpen(): void {
    if (signal.aborted) throw new Fault(CLOSING);
  }

  async function exchange(): Promise<boolean> {
    if (signal.aborted) return false;
    try {
      const candidate = await read();
      const { id, texts } = candidate;
      if (current === undefined) return false;
      if (id === current.candidate.id && texts.problems.length === 0) return false;
      const trying = tryPolicies(texts, { signal });
      trial = trying.catch(() => undefined);
      const compiled = await trying;
      const digest = digestOf(texts.sources);
      const policy = await finishGently(policySteps(cedar, compiled, digest, options));
      try {
        requireOpen();
        admit(candidate, policy);
      } catch (thrown) {
        policy.close();
        throw thrown;
      }
      const before = current;
      current = { candidate, policy };
      // Calls that it permitted go on with their permits; it is never asked again.
      before.policy.close();
      for (const listener of listeners) listener();
      return true;
    } catch (thrown) {
      // It was given up, not refused, and nobody writes it down any more.
      if (!signal.aborted) onRefused(thrown);
      return false;
    }
  }

  function policyNow(): Policy {
    if (current === undefined)
      throw new Denial('internal', 'Cannot decide: no policies are in force');
    const { candidate, policy } = current;
    if (candidate.expires !== undefined && candidate.expires <= now())
      throw new Denial(
        'policy-denied',
        `Cannot decide: the policies expired at ${candidate.expires.toISOString()}`,
        { hint: 'do not retry; tell the user that the owner has to put a newer bundle in place' },
      );
    return policy;
  }

  return {
    ready,
    decide: (call, approvals) => policyNow().decide(call, approvals),
    visible(session, method, subjects) {
      try {
        return policyNow().visible(session, method, subjects);
      } catch (thrown) {
        // What would be refused is not shown either.
        if (thrown instanceof Denial && thrown.code === 'policy-denied') return [];
        throw thrown;
      }
    },
    digest: () => policyNow().digest,
    async reload() {
      const turn = last.then(exchange);
      last = turn;
      return await turn;
    },
    onChange: (listener) => (listeners.add(listener), () => void listeners.delete(listener)),
    async close() {
      closing.abort();
      await trial;
    },
  };
}

/** Why policies were refused, for log and audit. */
export function whyRefused(thrown: unknown): { message: string; hint?: string } {
  if (!(thrown instanceof Fault)) return { message: 'Cannot load policies: internal error' };
  const { message, hint } = thrown;
  return { message, ...(hint !== undefined && { hint }) };
}
