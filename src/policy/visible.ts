import type { CallMethod, Session, Subject } from '../call.ts';
import type { Compiled } from './compile.ts';
import { attributesOf, contextPaths, createReads, entitiesOf, entityKey } from './expressions.ts';
import { fix, rememberFixed } from '../lib/fixed.ts';
import type { Judge } from './judge.ts';
import type { Asking, Person, What, Who } from './question.ts';
import { fits } from './slices.ts';

export type Visible = (
  session: Session,
  method: CallMethod,
  subjects: readonly Subject[],
) => readonly Subject[];

export type VisibleOptions = {
  /** Over the list policies, tolerating errors of permits. */
  readonly judge: Judge;
  readonly asking: Asking;
  readonly listPolicies: readonly Compiled[];
};

/** Callers, in the state they were in, whose answers are remembered. */
const MAX_CALLERS = 256;
const MAX_LOOKS = 256;
const MAX_GROUPS = 20_000;

/**
 * Asks once per group of subjects that no policy about this caller tells apart, and remembers the answers of a caller for
 * as long as nothing changes that a policy looks at. A failure hides the subject.
 */
export function createVisible({ judge, asking, listPolicies: policies }: VisibleOptions): Visible {
  const readings = policies.map(({ policy }) => ({
    principal: policy.principal,
    attributes: attributesOf(policy),
    entities: entitiesOf(policy),
    paths: contextPaths(policy.conditions),
  }));
  const anybody = createLooks(readings);
  const looks = new Map<string, Looks>();
  const looksOf = rememberFixed(lookAt);
  const remembered = new Map<string, Answers>();
  /** Subjects that no policy tells apart, whoever asks. */
  let groups = new Map<string, Group>();
  let groupOf = createGroupOf();

  return function visible(session, method, subjects) {
    const who = asking.who(session);
    const known = answersFor(stateOf(who));
    return subjects.filter((subject) => {
      try {
        const group = groupOf(method)(subject);
        return (known.byGroup[group.number] ??= answerOf(who, group, known));
      } catch {
        // What cannot be decided would be refused: it is not shown either.
        return false;
      }
    });
  };

  function createGroupOf(): (method: CallMethod) => (subject: Subject) => Group {
    const ofMethods = new Map<CallMethod, (subject: Subject) => Group>();
    return function groupOfMethod(method) {
      let find = ofMethods.get(method);
      if (!find) ofMethods.set(method, (find = rememberFixed((of) => findGroup(method, of))));
      return find;
    };
  }

  function findGroup(method: CallMethod, subject: Subject): Group {
    const what = asking.describe(method, subject);
    const key = anybody.describe(what);
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { number: groups.size, what: fix(what) }));
    return group;
  }

  function answerOf(who: Who, { what }: Group, { byLook }: Answers): boolean {
    const look = looksOf(who.person).describe(what);
    let answer = byLook.get(look);
    if (answer === undefined) byLook.set(look, (answer = judge({ ...who, what }, NO_PEP).allowed));
    return answer;
  }

  /** How the policies look at this caller, and at what this caller asks about. */
  function lookAt({ principal, groups: memberOf }: Person): Looks {
    const isOrIsIn = new Set([principal, ...memberOf].map(entityKey));
    const fitting = readings.filter((each) =>
      fits(each.principal, (key) => isOrIsIn.has(key), principal.type),
    );
    const key = fitting.map((each) => readings.indexOf(each)).join();
    let found = looks.get(key);
    if (!found) {
      if (looks.size >= MAX_LOOKS) looks.clear();
      looks.set(key, (found = createLooks(fitting)));
    }
    return found;
  }

  /** All that the policies about this caller can see of the caller and of the moment. */
  function stateOf({ person, context }: Who): string {
    const { isRead } = looksOf(person);
    const seen: unknown[] = [person.user];
    for (const [record, fields] of Object.entries(context))
      for (const field of Object.keys(fields))
        if (isRead(record, field)) seen.push(record, field, Reflect.get(fields, field));
    return JSON.stringify(seen);
  }

  function answersFor(state: string): Answers {
    if (groups.size > MAX_GROUPS) {
      groups = new Map();
      groupOf = createGroupOf();
      remembered.clear();
    }
    const answers = remembered.get(state) ?? { byGroup: [], byLook: new Map<string, boolean>() };
    remembered.delete(state);
    remembered.set(state, answers);
    for (const [oldest] of remembered) {
      if (remembered.size <= MAX_CALLERS) break;
      remembered.delete(oldest);
    }
    return answers;
  }
}

type Group = { readonly number: number; readonly what: What };
type Answers = { readonly byGroup: boolean[]; readonly byLook: Map<string, boolean> };
type Reading = {
  readonly attributes: ReadonlySet<string>;
  readonly entities: ReadonlySet<string>;
  readonly paths: ReadonlySet<string>;
};
type Looks = {
  /** Whether a policy reads this of the context. */
  readonly isRead: (record: string, field: string) => boolean;
  /** All that the policies can see of a subject; two with the same description get the same answer. */
  readonly describe: (what: What) => string;
};

function createLooks(readings: readonly Reading[]): Looks {
  const attributes = [...new Set(readings.flatMap((each) => [...each.attributes]))];
  const entities = new Set(readings.flatMap((each) => [...each.entities]));
  return {
    isRead: createReads(new Set(readings.flatMap(({ paths }) => [...paths]))),
    describe: ({ action, classes, resource, server, described }) =>
      JSON.stringify([
        action,
        classes,
        resource.type,
        entities.has(entityKey(resource)) ? resource.id : 0,
        entities.has(entityKey(server)) ? server.id : 0,
        ...attributes.map((name) => described?.attrs[name]),
      ]),
  };
}

const NO_PEP = { approvals: [], enforce: [] } as const;
