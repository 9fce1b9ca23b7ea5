import type { Call, CallMethod, Caller, Obligations, Subject } from '../call.ts';
import { quote } from '../lib/json.ts';
import { visible } from '../lib/visible.ts';
import type { Compiled } from './compile.ts';
import type { Obligation } from './obligations.ts';
import type { Outcome } from './settle.ts';

export type Explanation = {
  readonly decision: 'allow' | 'deny' | 'needs-approval';
  /** The policies that decided: permits, and forbids that hold or were lifted. */
  readonly policies: readonly {
    readonly id: string;
    readonly effect: 'permit' | 'forbid';
    readonly file: string;
    readonly line: number;
    readonly reason?: string;
  }[];
  /** What the gateway does with the call because of policies: `egress api.example.com:443`. */
  readonly enforced: readonly string[];
  /** What would have to change, in words; empty when nothing. */
  readonly missing: string;
  /** Ids of policies that could not be evaluated. */
  readonly errors: readonly string[];
};

const VERBS = {
  'tools/call': 'call',
  'resources/read': 'read',
  'prompts/get': 'get',
  'completion/complete': 'complete',
  'sampling/createMessage': 'pass on',
  'elicitation/create': 'pass on',
  'roots/list': 'pass on',
} as const satisfies Record<CallMethod, string>;

/** `call files/read_file`. */
export function deedOf(method: CallMethod, { server, name }: Subject): string {
  return `${VERBS[method]} ${server}/${name}`;
}

/** Why not, and what may be done about it: for the model as much as for the person. */
export function refusalOf(
  outcome: Extract<Outcome, { decision: 'deny' }>,
  caller: Caller,
  byId: ReadonlyMap<string, Compiled>,
): { readonly why: string; readonly hint: string } {
  const { because, policies } = outcome;
  const ids = policies.join(', ');
  const said = annotationsOf(policies, byId);
  const doNotRetry = 'do not retry; tell the user, or do it another way';
  if (because.why === 'not-permitted')
    return {
      why:
        because.classes.length === 0
          ? `no policy permits it to ${caller.subject}`
          : `no policy permits ${caller.subject} what it does: ${because.classes.join(', ')}`,
      hint: doNotRetry,
    };
  if (because.why === 'error')
    return {
      why: `a policy cannot be evaluated (${ids})`,
      hint: 'do not retry; tell the user that the owner has to mend the policy',
    };
  if (because.why === 'unenforceable') {
    const what = wanted(because.obligation);
    const reason = said.reason === undefined ? '' : `: ${said.reason}`;
    return {
      why: `it has to have ${what}, and the gateway cannot give it that${reason} (${ids})`,
      hint: doNotRetry,
    };
  }
  if (because.why === 'unreadable')
    return {
      why: `policies look at ${because.names.map((name) => quote(visible(name))).join(', ')}, and the value is missing or none they can compare (${ids})`,
      hint: 'write numbers without exponent and with at most four digits after the point, and leave no required argument out',
    };
  return {
    why: `policy forbids it${said.reason === undefined ? '' : `: ${said.reason}`} (${ids})`,
    hint: said.advice ?? doNotRetry,
  };
}

function wanted({ kind, value }: Obligation): string {
  if (kind === 'isolation') return `${value} isolation`;
  if (kind === 'returns') return 'its result returned as a handle';
  if (kind === 'egress') return `connections to ${value} alone`;
  return `${value} removed from its results`;
}

/** The outcome in the form of the command line. */
export function explanationOf(
  outcome: Outcome,
  { session, subject }: Call,
  byId: ReadonlyMap<string, Compiled>,
): Explanation {
  const ids =
    outcome.decision === 'deny' ? outcome.policies : [...outcome.permits, ...outcome.lifted];
  return {
    decision: outcome.decision,
    policies: ids.flatMap((id) => {
      const found = byId.get(id);
      if (!found) return [];
      const { effect, annotations } = found.policy;
      const reason = annotations?.['reason'];
      return [
        { id, effect, file: found.file, line: found.line, ...(reason !== undefined && { reason }) },
      ];
    }),
    enforced: outcome.decision === 'deny' ? [] : enforcedBy(outcome.obligations),
    missing: missingFrom(outcome, session.caller, subject, byId),
    errors: outcome.decision === 'deny' && outcome.because.why === 'error' ? outcome.policies : [],
  };
}

function enforcedBy({ isolation, redact, egress = [], asHandle }: Obligations): string[] {
  return [
    ...(isolation === undefined ? [] : [`isolation ${isolation}`]),
    ...redact.map((kind) => `redact ${kind}`),
    ...egress.map((list) => `egress ${list}`),
    ...(asHandle === true ? ['result as a handle'] : []),
  ];
}

function missingFrom(
  outcome: Outcome,
  caller: Caller,
  { server, name, kind }: Subject,
  byId: ReadonlyMap<string, Compiled>,
): string {
  if (outcome.decision !== 'deny')
    return outcome.obligations.approvals.map((who) => `approval by ${who}`).join(' and ');
  const { because } = outcome;
  const { why, hint } = refusalOf(outcome, caller, byId);
  if (because.why === 'not-permitted')
    return because.classes.length === 0
      ? `a permit for ${caller.subject} and ${server}/${name}`
      : `a permit for ${caller.subject} and ${because.classes.map((each) => `action in Action::"${each}"`).join(' and ')}${kind === 'tool' ? `, or for action == Action::"tools/call:${server}/${name}"` : ''}`;
  if (because.why === 'forbidden') return `${why}; ${hint}`;
  return why;
}

function annotationsOf(
  ids: readonly string[],
  byId: ReadonlyMap<string, Compiled>,
): { reason?: string; advice?: string } {
  const annotations = ids.map((id) => byId.get(id)?.policy.annotations ?? {});
  const reason = annotations.find((each) => each['reason'] !== undefined)?.['reason'];
  const advice = [...new Set(annotations.flatMap((each) => each['advice'] ?? []))].join('; ');
  return { ...(reason !== undefined && { reason }), ...(advice !== '' && { advice }) };
}
