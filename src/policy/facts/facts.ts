import { homedir } from 'node:os';
import type { Call, Session } from '../../call.ts';
import type { Usage } from '../../usage.ts';
import type { Traces } from '../../traces.ts';
import { wellFormed } from '../../lib/well-formed.ts';
import { argumentTypes } from '../typed/argument-types.ts';
import { toCedar } from '../typed/to-cedar.ts';
import { amountIn } from './amount.ts';
import { hostsIn } from './hosts.ts';
import { leavesOf, type Leaves } from './leaves.ts';
import { recipientsIn } from './recipients.ts';
import { createSecretsIn } from './secrets.ts';
import { isToTrusted, type Trusts } from './trust.ts';
import { createZones } from './zones.ts';

/** What the gate finds out about the arguments of a call. */
export type Facts = {
  /** Of the arguments as JSON, UTF-8. */
  readonly bytes: number;
  /** UTF-16 code units of the longest text. */
  readonly longest: number;
  /** JSON Pointers of arguments that have no place in `context.args`. */
  readonly unmapped: string[];
  readonly zones: string[];
  readonly hosts: string[];
  readonly recipients: string[];
  readonly recipientDomains: string[];
  readonly amount?: { __extn: { fn: 'decimal'; arg: string } } | undefined;
  readonly secrets: string[];
  /** Labels of earlier results that reappear in them. */
  readonly argLabels: string[];
  /** It sends to hosts that the owner trusts, and to nobody else. */
  readonly toTrustedHosts: boolean;
  /** How unlike earlier calls of the tool, 0 to 100. */
  readonly anomaly?: number | undefined;
};

export type FactsOptions = {
  /** Zones of the owner's: names and folders. */
  readonly zones?: Readonly<Record<string, readonly string[]>>;
  /** Values of the owner's that nobody shall send. */
  readonly secrets?: readonly string[];
  readonly home?: string;
  /** What sessions were given; absent: any argument may repeat all that a session has read. */
  readonly traces?: Traces;
  /** Absent: no host is trusted. */
  readonly trusts?: Trusts;
  /** Absent: nothing is known of earlier calls. */
  readonly usage?: Usage;
};

type About = Pick<Call, 'method' | 'subject' | 'args' | 'toTrusted'>;

/** Each fact is worked out where a policy reads it, and not before. */
type FactsOf = (about: About | undefined, session: Reader) => Facts;
type Reader = Pick<Session, 'id' | 'labels' | 'carried' | 'step'>;

const NOTHING: About['args'] = Object.freeze({});

export function createFactsOf({
  zones = {},
  secrets = [],
  home = homedir(),
  traces,
  trusts,
  usage,
}: FactsOptions): FactsOf {
  const zonesIn = createZones({ zones, home });
  const secretsIn = createSecretsIn(secrets);

  return function factsOf(about, session) {
    const args = about?.args ?? NOTHING;
    let known: Leaves | undefined;
    const leaves = (): Leaves => (known ??= leavesOf(args));
    return {
      get bytes() {
        return Buffer.byteLength(JSON.stringify(args));
      },
      get longest() {
        const { all, isWhole } = leaves();
        if (!isWhole) return JSON.stringify(args).length;
        return all.reduce(
          (most, { value }) => (typeof value === 'string' ? Math.max(most, value.length) : most),
          0,
        );
      },
      get unmapped() {
        if (about?.subject.kind !== 'tool') return [];
        return texts(toCedar(argumentTypes(about.subject.definition).type, args).unmapped);
      },
      get zones() {
        return texts(zonesIn(leaves()));
      },
      get hosts() {
        return texts(hostsIn(leaves()));
      },
      get recipients() {
        return texts(recipientsIn(leaves()).addresses);
      },
      get recipientDomains() {
        return texts(recipientsIn(leaves()).domains);
      },
      get amount() {
        const arg = amountIn(leaves());
        return arg === undefined ? undefined : { __extn: { fn: 'decimal', arg } as const };
      },
      get secrets() {
        return texts(secretsIn(leaves(), args));
      },
      get toTrustedHosts() {
        return isToTrusted(about, trusts);
      },
      get anomaly() {
        return about && usage?.scoreOf(about)?.score;
      },
      get argLabels() {
        const repeated = traces ? traces.labelsIn(session, args) : session.labels;
        const exact = [...(session.step?.argLabels ?? []), ...(session.carried ?? [])];
        return texts([...repeated, ...exact]);
      },
    };
  };
}

/** Sorted, so that the same facts are the same question. */
function texts(found: Iterable<string>): string[] {
  return [...new Set([...found].map(wellFormed))].toSorted();
}
