import type { CallMethod, Session, Subject } from '../call.ts';
import type { Compiled } from './compile.ts';
import {
  attributesOf,
  contextPaths,
  createReads,
  entitiesOf,
  entityKey,
  partsOf,
} from './expressions.ts';
import { rememberFixed } from '../lib/fixed.ts';
import type { Judge } from './judge.ts';
import type { Asking, Person, What, Who } from './question.ts';
import { fits } from './slices.ts';

export type Visible = (
  session: Session,
  method: CallMethod,
  subjects: readonly Subject[],
) => readonly Subject[];

/** Records of the context that exist only once there is a call. */
const CALL_TIME = ['facts', 'args', 'pep'];

/**
 * The policies that answer "could any arguments be permitted to this caller now?": permits without the conditions that
 * depend on the call, and no forbids that do. Whatever the real policies allow, these allow as well.
 */
export function listPolicies(policies: readonly Compiled[]): Compiled[] {
  return policies.flatMap((each) => {
    const { policy } = each;
    if (!readsCall(policy.conditions)) return [each];
    if (policy.effect === 'forbid') return [];
    const conditions = partsOf(policy.conditions).filter((part) => !readsCall(part));
    return [{ ...each, policy: { ...policy, conditions } }];
  });
}

/** An error skips a permit, which hides a tool; an erring forbid refuses, as it would refuse the call. */
export function toleratesInLists({ policy }: Compiled): boolean {
  return policy.effect === 'permit';
}

function readsCall(part: unknown): boolean {
  return [...contextPaths(part)].some(
    (path) => path === '' || CALL_TIME.includes(path.split('.')[0] ?? ''),
  );
}

export type VisibleOptions = {
  /** Over the list policies, tolerating errors of permits. */
  readonly judge: Judge;
  readonly asking: Asking;
  readonly listPolicies: readonly Compiled[];
};

/** Callers, in the state they were in, whose answers are remembered. */
const MAX_CALLERS = 256;
const MAX_ANSWERS = 20_000;

/**
 * Asks once per group of subjects that no policy tells apart, and remembers the answers of a caller for as long as
 * nothing changes that a policy looks at. A failure hides the subject.
 */
export function createVisible({ judge, asking, listPolicies: policies }: VisibleOptions): Visible {
  const attributes = [...new Set(policies.flatMap(({ policy }) => [...attributesOf(policy)]))];
  const entities = new Set(policies.flatMap(({ policy }) => [...entitiesOf(policy)]));
  const readings = policies.map(({ policy }) => ({
    principal: policy.principal,
    paths: contextPaths(policy.conditions),
  }));
  const remembered = new Map<string, Map<string, boolean>>();
  const looksOf = rememberFixed(lookAt);
  const groups = new Map<CallMethod, WeakMap<Subject, string>>();

  return function visible(session, method, subjects) {
    const who = asking.who(session);
    const answers = answersFor(stateOf(who));
    return subjects.filter((subject) => {
      try {
        const group = groupOf(method, subject);
        let answer = answers.get(group);
        if (answer === undefined) {
          answer = judge({ ...who, what: asking.what(method, subject) }, NO_PEP).allowed;
          if (answers.size >= MAX_ANSWERS) answers.clear();
          answers.set(group, answer);
        }
        return answer;
      } catch {
        // What cannot be decided would be refused: it is not shown either.
        return false;
      }
    });
  };

  function groupOf(method: CallMethod, subject: Subject): string {
    let known = groups.get(method);
    if (!known) groups.set(method, (known = new WeakMap()));
    let group = known.get(subject);
    if (group === undefined) known.set(subject, (group = describe(asking.what(method, subject))));
    return group;
  }

  /** All that the policies can see of a subject; two with the same description get the same answer. */
  function describe({ action, classes, resource, server, described }: What): string {
    return JSON.stringify([
      action,
      classes,
      resource.type,
      attributes.map((name) => described?.attrs[name]),
      [resource, server].map(entityKey).filter((key) => entities.has(key)),
    ]);
  }

  /** What of the context the policies about this caller look at. */
  function lookAt({ principal, groups: memberOf, user }: Person): Looks {
    const isOrIsIn = new Set([principal, ...memberOf].map(entityKey));
    const reads = new Set(
      readings
        .filter((each) => fits(each.principal, (key) => isOrIsIn.has(key), principal.type))
        .flatMap(({ paths }) => [...paths]),
    );
    return { isRead: createReads(reads), user: JSON.stringify(user) };
  }

  /** All that the policies about this caller can see of the caller and of the moment. */
  function stateOf({ person, context }: Who): string {
    const { isRead, user } = looksOf(person);
    const seen: unknown[] = [];
    for (const [record, fields] of Object.entries(context))
      for (const field of Object.keys(fields))
        if (isRead(record, field)) seen.push(record, field, Reflect.get(fields, field));
    return user + JSON.stringify(seen);
  }

  function answersFor(state: string): Map<string, boolean> {
    const answers = remembered.get(state) ?? new Map<string, boolean>();
    remembered.delete(state);
    remembered.set(state, answers);
    for (const [oldest] of remembered) {
      if (remembered.size <= MAX_CALLERS) break;
      remembered.delete(oldest);
    }
    return answers;
  }
}

type Looks = {
  readonly isRead: (record: string, field: string) => boolean;
  readonly user: string;
};

const NO_PEP = { approvals: [], enforce: [] } as const;
