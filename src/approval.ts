import { issue, spend, type Call, type Grant, type Permit } from './call.ts';
import { Denial } from './denial.ts';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from './lib/json.ts';
import { visible } from './lib/visible.ts';

export type Answer = 'approved' | 'denied' | 'unanswered';

export type ApproveOptions = {
  /** Puts one question to the person behind the client; `undefined` where the client cannot ask. */
  readonly ask:
    | (() => ((question: string, call: Call, signal: AbortSignal) => Promise<Answer>) | undefined)
    | undefined;
  /** Decides anew with the approvals given: labels or policies may have changed while the person thought. */
  readonly decide: (call: Call, approvals: readonly string[]) => Permit;
};

/** The one behind the client: nobody else can be asked, and nobody else's yes may be taken from there. */
const ASKED = 'user';
/** Characters of the arguments that are shown whole; above, long texts are cut in the middle, each where it stands. */
const SHOWN_WHOLE = 4000;
const MAX_SHOWN = 16_000;
const TEXT_END = 300;

/** Turns a permit into a grant, asking a person where the policies want one. Throws `approval-…`. */
export function createApprove({
  ask,
  decide,
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
    const shown = showArguments(call.args);
    if (shown === undefined)
      throw new Denial(
        'approval-required',
        `Cannot run ${what}: a person has to approve it, and its arguments are too many to be read`,
        { policies, hint: 'do it in smaller steps' },
      );
    const put = ask?.();
    if (!put)
      throw new Denial('approval-required', `Cannot run ${what} yet: a person has to approve it`, {
        policies,
        hint: 'this client cannot ask (it has no elicitation); tell the user that the policy wants their approval for this, or that the owner may allow it in the policies',
      });
    const answer = await put(questionFor(permit, shown), call, signal);
    if (answer === 'denied')
      throw new Denial('approval-denied', `Cannot run ${what}: the user said no`, { policies });
    if (answer === 'unanswered')
      throw new Denial(
        'approval-required',
        `Cannot run ${what}: nobody answered the question in time`,
        { policies },
      );
    const settled = spend('Permit', decide(call, wanted));
    if (settled.obligations.approvals.some((role) => !wanted.includes(role)))
      throw new Denial(
        'approval-required',
        `Cannot run ${what}: more approvals are needed than were asked for`,
        { policies },
      );
    return issue('Grant', { permit: settled, approvedBy: wanted });
  };
}

function questionFor({ call, obligations }: Permit, shown: string): string {
  const { session, subject } = call;
  const lines = [
    `Sallyport: may the assistant run ${subject.server}/${visible(subject.name)}?`,
    `Classes: ${subject.classes.join(', ')}`,
    `Arguments: ${shown}`,
  ];
  if (session.labels.size > 0)
    lines.push(`This session has read: ${[...session.labels].join(', ')} data`);
  for (const advice of obligations.advice) lines.push(`Note: ${advice}`);
  return lines.join('\n');
}

/** Undefined where nobody could read it: a long argument in front must not push the next one out of sight. */
function showArguments(args: JsonObject): string | undefined {
  const whole = visible(canonicalJson(args));
  if (whole.length <= SHOWN_WHOLE) return whole;
  const cut = visible(canonicalJson(shorten(args)));
  return cut.length <= MAX_SHOWN ? cut : undefined;
}

function shorten(value: JsonValue): JsonValue {
  if (typeof value === 'string') {
    const left = value.length - 2 * TEXT_END;
    return left <= 0
      ? value
      : `${value.slice(0, TEXT_END)}…[${left} characters not shown]…${value.slice(-TEXT_END)}`;
  }
  if (Array.isArray(value)) return value.map((item: JsonValue) => shorten(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      inner === undefined ? undefined : shorten(inner),
    ]),
  );
}
