import type { AuditKey } from '../audit/key.ts';
import type { Call, Permit } from '../call.ts';
import { Denial } from '../denial.ts';
import type { JsonObject } from '../lib/json.ts';
import { personOf } from '../person.ts';
import type { Approvals, Shown } from './approvals.ts';
import { createQuestions, type Answer } from './questions.ts';
import { showArguments } from './show.ts';
import { signed, type Receipt, type Request } from './statement.ts';
import { unmistakable } from './unmistakable.ts';

export type DeskOptions = {
  readonly approvals: Approvals;
  readonly key: () => AuditKey;
  /** sha256 of the policies in force. */
  readonly policy: () => string;
  /** Writes one `approval` record. Throws when it cannot. */
  readonly record: (call: Call, fields: JsonObject) => unknown;
  /** The owner reads in the log that somebody waits. */
  readonly tell: (request: Request) => void;
  /** Takes the owner's own secrets out of what is kept. */
  readonly hide: (text: string) => string;
  /** As `Date.now`. */
  readonly now: () => number;
};

/** Where people are asked, and where it is looked up what they have said. Shared by all connections. */
export type Desk = {
  /** What would be asked; undefined where nobody could read it. */
  readonly requestFor: (permit: Permit) => Request | undefined;
  /** What was said of this very call from another terminal. A yes is given out once. */
  readonly said: (request: Request) => Receipt | undefined;
  /** Whether the policies that wanted it are still the ones in force. */
  readonly stands: (request: Request) => boolean;
  /** Asks through the client. */
  readonly ask: (
    call: Call,
    request: Request,
    put: () => Promise<Answer>,
    signal: AbortSignal,
  ) => Promise<Receipt | 'unanswered'>;
  /** Once the client has answered: closes what was left of this call before. A no from a terminal comes back. */
  readonly close: (request: Request) => Receipt | undefined;
  /** Leaves it for another terminal. Throws `rate-limited` where too many wait. */
  readonly leave: (call: Call, request: Request) => Request;
};

export function createDesk(options: DeskOptions): Desk {
  const { approvals, record, key, tell } = options;
  const question = createQuestions(options.now);

  function note(call: Call, step: string, request: Request, more: JsonObject = {}): void {
    const { id, nonce, binding } = request;
    const { server, name, definition } = binding;
    record(call, { step, id, nonce, server, name, definition, ...more });
  }

  function noteReceipt(call: Call, request: Request, receipt: Receipt): Receipt {
    note(call, receipt.decision, request, { receipt: signed(receipt, key().sign) });
    return receipt;
  }

  return {
    requestFor(permit) {
      const shown = shownOf(permit);
      return shown && approvals.requestFor(permit.call, shown, options.policy());
    },
    said(request) {
      const said = approvals.take(request);
      return said === 'waits' || said === 'none' ? undefined : said;
    },
    stands: ({ binding }) => binding.policy === options.policy(),
    async ask(call, request, put, signal) {
      const { server, name } = call.subject;
      const person = personOf(call.session.caller);
      const what = `${server}/${name}`;
      const said = await question({ person, id: request.id, what }, put, signal);
      if (said === 'unanswered') return said;
      return noteReceipt(call, request, approvals.decide(request, said, 'client'));
    },
    close(request) {
      const said = approvals.take(request);
      if (said === 'waits') approvals.withdraw(request);
      return typeof said === 'object' && said.decision === 'denied' ? said : undefined;
    },
    leave(call, request) {
      const shown = { ...request.shown, arguments: options.hide(request.shown.arguments) };
      const left = approvals.leave({ ...request, shown });
      if (left === 'full')
        throw new Denial(
          'rate-limited',
          `Cannot ask about ${call.subject.server}/${call.subject.name}: too many requests wait for a person already`,
          { hint: 'tell the user that `sallyport approvals` lists what waits for an answer' },
        );
      if (left.nonce === request.nonce) {
        note(call, 'asked', left, { expires: left.expires });
        tell(left);
      }
      return left;
    },
  };
}

function shownOf({ call, obligations }: Permit): Shown | undefined {
  const shown = showArguments(call);
  if (shown === undefined) return undefined;
  const { subject, session } = call;
  return {
    classes: [...subject.classes],
    arguments: shown,
    labels: [...session.labels].toSorted(),
    notes: [...obligations.advice, ...(call.notes ?? [])].map((note) => unmistakable(note)),
  };
}
