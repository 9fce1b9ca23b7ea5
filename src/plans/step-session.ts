import type { JsonValue } from '../lib/json.ts';
import { isJsonObject } from '../lib/json.ts';
import type { Label, PlanStep, Session } from '../call.ts';
import { derivedSession } from '../derived-session.ts';
import { withCarried } from '../handles/carrying.ts';

/**
 * The session of a step that the gateway runs: it has read what its arguments have, and what it reads is its value's and
 * nobody else's: `value` takes those labels. Suspicion and kills are those of the person.
 */
export function sessionOfStep(session: Session, step: PlanStep, value: Set<Label>): Session {
  const labels = new Set<Label>([...step.labels, ...step.argLabels]);
  return derivedSession(session, {
    step,
    labels,
    foreignLabels: NONE,
    carried: NONE,
    addLabels(more) {
      for (const label of more) {
        labels.add(label);
        value.add(label);
      }
    },
    escalate(verdict, about) {
      // What is shown is read again as it is shown, and counts then.
      if (verdict === 'block') session.escalate(verdict, about);
    },
  });
}

/** The person's own session, while it makes a call that is a step. */
export function sessionAlong(session: Session, step: PlanStep): Session {
  const { carried } = session;
  return derivedSession(session, { step: carried ? withCarried(step, carried) : step });
}

const NONE: ReadonlySet<Label> = new Set();

/** What of a value could decide something: any text in it, or numbers and flags alone. */
export function kindOf(value: JsonValue): 'text' | 'numbers' {
  const rest: (JsonValue | undefined)[] = [value];
  for (let next = rest.pop(); next !== undefined || rest.length > 0; next = rest.pop()) {
    if (typeof next === 'string') return 'text';
    // Not spread: a list may be longer than a call has room for arguments.
    if (Array.isArray(next)) for (const item of next) rest.push(item);
    else if (isJsonObject(next)) {
      // Names are text as well.
      if (Object.keys(next).length > 0) return 'text';
    }
  }
  return 'numbers';
}
