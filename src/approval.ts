import type { Answer } from './approvals/questions.ts';
import type { Desk } from './approvals/desk.ts';
import type { Receipt, Request } from './approvals/statement.ts';
import { unmistakable } from './approvals/unmistakable.ts';
import { issue, spend, type Call, type Grant, type Permit } from './call.ts';
import { Denial } from './denial.ts';
import { Fault } from './lib/fault.ts';

export type ApproveOptions = {
  /** Puts one question to the person behind the client; `undefined` where the client cannot ask. */
  readonly ask:
    | (() => ((question: string, call: Call, signal: AbortSignal) => Promise<Answer>) | undefined)
    | undefined;
  /** Decides anew with the approvals given: labels or policies may have changed while the person thought. */
  readonly decide: (call: Call, approvals: readonly string[]) => Permit;
  readonly desk: Desk;
};

/** The one behind the client: nobody else can be asked, and nobody else's yes may be taken from there. */
const ASKED = 'user';

/** Turns a permit into a grant, asking a person where the policies want one. Throws `approval-…`. */
export function createApprove({
  ask,
  decide,
  desk,
}: ApproveOptions): (permit: Permit, signal: AbortSignal) => Promise<Grant> {
  return async function approve(proof, signal) {
    const permit = spend('Permit', proof);
    const wanted = permit.obligations.approvals;
    if (wanted.length === 0) return issue('Grant', { permit, approvedBy: [] });
    const { call, policies } = permit;
    const what = `${call.subject.server}/${call.subject.name}`;
    const others = wanted.filter((role) => role !== ASKED);
    if (others.length > 0)
      throw new Denial(
        'approval-required',
        `Cannot run ${what}: it needs the approval of ${others.join(', ')}, who cannot be asked here`,
        { policies },
      );
    const request = desk.requestFor(permit);
    if (request === undefined)
      throw new Denial(
        'approval-required',
        `Cannot run ${what}: a person has to approve it, and its arguments are too many to be read`,
        { policies, hint: 'do it in smaller steps' },
      );
    const receipt = await answerTo(permit, request, signal);
    if (receipt.decision === 'denied')
      throw new Denial('approval-denied', `Cannot run ${what}: the user said no`, {
        policies,
        hint:
          permit.obligations.advice.join('; ') || 'do it another way, or ask the user what to do',
      });
    // A yes under other policies was given to another question.
    if (!desk.stands(request))
      throw new Denial(
        'approval-required',
        `Cannot run ${what}: the policies have changed since the user was asked`,
        { policies, hint: 'make the same call again' },
      );
    const settled = decideAgain(decide, call, wanted);
    return issue('Grant', { permit: settled, approvedBy: wanted, approval: receipt.nonce });
  };

  async function answerTo(permit: Permit, request: Request, signal: AbortSignal): Promise<Receipt> {
    const { call, policies } = permit;
    const what = `${call.subject.server}/${call.subject.name}`;
    // What a server asks of the client is not asked for again by anybody: it is answered now or not at all.
    const canWait = call.subject.kind !== 'request';
    const said = canWait ? kept(what, () => desk.said(request)) : undefined;
    if (said !== undefined) return said;
    const put = ask?.();
    if (put) {
      const question = questionFor(permit, request);
      const answer = await desk.ask(
        call,
        request,
        async () => await put(question, call, signal),
        signal,
      );
      // The same question stays open nowhere else: its answer would let the call run a second time.
      if (answer !== 'unanswered')
        return (canWait ? kept(what, () => desk.close(request)) : undefined) ?? answer;
    }
    const why = put ? 'nobody answered the question in time' : 'this client cannot ask';
    if (!canWait)
      throw new Denial(
        'approval-required',
        `Cannot run ${what}: a person has to approve it, and ${why}`,
        { policies },
      );
    const { id, expires } = kept(what, () => desk.leave(call, request));
    // A model with a shell outside of the gateway runs what it reads, so it reads of no command that approves.
    throw new Denial(
      'approval-required',
      `Cannot run ${what} yet: a person has to approve it, and ${why}; it waits for an answer under the id ${id} until ${expires}`,
      {
        policies,
        hint: 'ask the user to run `sallyport approvals` in a terminal of their own, which shows the call and how to answer, and make the very same call again once they say that they have. The answer is theirs alone: do not give it for them',
      },
    );
  }
}

/**
 * What is decided now about a call that has waited: what was read meanwhile counts. Throws as `decide`, and
 * `approval-required` where more is wanted than was given.
 */
export function decideAgain(
  decide: ApproveOptions['decide'],
  call: Call,
  approvals: readonly string[],
): Permit {
  const permit = spend('Permit', decide(call, approvals));
  const { policies, obligations } = permit;
  if (obligations.approvals.every((role) => approvals.includes(role))) return permit;
  const { server, name } = call.subject;
  throw new Denial(
    'approval-required',
    `Cannot run ${server}/${name}: more approvals are needed than were asked for`,
    { policies },
  );
}

/** Who cannot believe the state has no answer. */
function kept<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw new Denial(
      'approval-required',
      `Cannot run ${what}: a person has to approve it, and the place for answers cannot be used`,
      { cause, hint: 'tell the user to run `sallyport approvals`, which says what is wrong' },
    );
  }
}

function questionFor({ call }: Permit, { shown }: Request): string {
  const { subject } = call;
  const lines = [
    `Sallyport: may the assistant run ${subject.server}/${unmistakable(subject.name)}?`,
    `Classes: ${shown.classes.join(', ')}`,
    `Arguments: ${shown.arguments}`,
  ];
  if (shown.labels.length > 0) lines.push(`This session has read: ${shown.labels.join(', ')} data`);
  for (const note of shown.notes) lines.push(`Note: ${note}`);
  return lines.join('\n');
}
