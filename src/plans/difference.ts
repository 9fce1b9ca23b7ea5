import type { Subject } from '../call.ts';
import { amountIn } from '../policy/facts/amount.ts';
import { hostsIn } from '../policy/facts/hosts.ts';
import { leavesOf } from '../policy/facts/leaves.ts';
import { recipientsIn } from '../policy/facts/recipients.ts';
import type { CheckedStep } from './check-steps.ts';

const KINDS = ['sinks', 'recipients', 'hosts', 'amounts'] as const;
type Kind = (typeof KINDS)[number];

/** What a plan reaches: sinks and amounts with the tools they are of. */
export type Reach = Readonly<Record<Kind, ReadonlySet<string>>>;

/** A value that comes from an earlier step reads as the reference that it is: it goes where that one came from. */
export function reachOf(steps: readonly CheckedStep[]): Reach {
  const found = Object.fromEntries(KINDS.map((kind) => [kind, new Set<string>()] as const));
  const add = (kind: Kind, values: Iterable<string>): void => {
    for (const value of values) found[kind]?.add(value);
  };
  for (const { subject, arguments: args } of steps) {
    const leaves = leavesOf(args);
    const amount = amountIn(leaves);
    add('sinks', sinksOf(subject));
    add('recipients', recipientsIn(leaves).addresses);
    add('hosts', hostsIn(leaves));
    if (amount !== undefined) add('amounts', [`${amount} (${subject.server}/${subject.name})`]);
  }
  const { sinks, recipients, hosts, amounts } = found;
  const none = new Set<string>();
  return {
    sinks: sinks ?? none,
    recipients: recipients ?? none,
    hosts: hosts ?? none,
    amounts: amounts ?? none,
  };
}

/** Tools that nobody has said a sink of have classes that are as good as one. */
function sinksOf({ server, name, sink, classes }: Subject): string[] {
  const acts = classes.filter((one) => one !== 'read');
  return [...sink, ...acts].map((kind) => `${kind} (${server}/${name})`);
}

/** What one reaches and the other did not, and how to say that to a person. */
export function departures(
  before: Reach,
  after: Reach,
): { readonly departs: readonly Kind[]; readonly notes: readonly string[] } {
  const fresh = KINDS.map((kind) => ({
    kind,
    values: [...after[kind]].filter((value) => !before[kind].has(value)),
  })).filter(({ values }) => values.length > 0);
  return {
    departs: fresh.map(({ kind }) => kind),
    notes: fresh.map(
      ({ kind, values }) =>
        `${kind} that the plan before this one did not have: ${values.toSorted().join(', ')}; it had ${[...before[kind]].toSorted().join(', ') || 'none'}`,
    ),
  };
}
