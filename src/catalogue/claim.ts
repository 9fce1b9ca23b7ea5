import { CLASSES } from '../call.ts';
import type { Subject } from '../call.ts';
import type { JsonObject } from '../lib/json.ts';
import { definitionHash } from './definition.ts';
import type { Kind } from './definition.ts';
import { lockKey } from './lock-file.ts';
import type { LockEntry, LockRow } from './lock-file.ts';
import { propose } from './propose.ts';

/** A definition as an upstream listed it. */
export type Claim = {
  readonly server: string;
  readonly kind: Kind;
  readonly name: string;
  readonly definition: JsonObject;
};

export function keyOf(claim: Claim): string {
  return lockKey(claim.server, claim.kind, claim.name);
}

/** Whether a lock file can hold it: `parseJson` refuses `__proto__`, so such a file could never be read again. */
export function isLockable({ server, name }: Claim): boolean {
  return [server, name].every((part) => part !== '' && part !== '__proto__');
}

/** What is written when a definition is accepted. A person's judgement outlives the change, but has to be confirmed. */
export function acceptedRow(claim: Claim, before: LockEntry | undefined): LockRow {
  const { server, kind, name, definition } = claim;
  const hash = definitionHash(kind, definition);
  if (before?.hash === hash) return { server, kind, name, entry: before };
  const judged = before?.reviewed === true ? before : guess(kind, definition, before);
  const { classes, dataClass, source, sink } = judged;
  // What it counts as where it is reviewed again; that nobody reads its results counts at once.
  const { sendsTo, handle } = before ?? {};
  const entry = {
    hash,
    classes: [...classes],
    dataClass,
    source: [...source],
    sink: [...sink],
    ...(sendsTo && { sendsTo }),
    ...(handle !== undefined && { handle }),
    reviewed: false,
  };
  return { server, kind, name, entry };
}

type Judged = Pick<Subject, 'classes' | 'dataClass' | 'source' | 'sink'>;

/** The proposal, and at least what was held before: a change may raise a risk nobody reviewed, never lower it. */
export function guess(kind: Kind, definition: JsonObject, before: LockEntry | undefined): Judged {
  const proposal = propose(kind, definition);
  if (before === undefined) return proposal;
  const classes = CLASSES.filter(
    (name) => proposal.classes.includes(name) || before.classes.includes(name),
  );
  return {
    classes: classes.length > 1 ? classes.filter((name) => name !== 'read') : classes,
    dataClass: Math.max(proposal.dataClass, before.dataClass),
    source: union(proposal.source, before.source),
    sink: union(proposal.sink, before.sink),
  };
}

export function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].toSorted();
}
