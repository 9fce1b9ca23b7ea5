import type { PolicyJson } from './cedar.ts';
import type { Compiled } from './compile.ts';
import { asksForAction, entityKey } from './expressions.ts';
import type { Person, What } from './question.ts';
import { isToolAction } from './schema.ts';
import type { Kinds } from './schema.ts';

/** The policies that can matter to a question, in parts that are prepared and asked one by one. */
export type Slice = {
  readonly parts: readonly Part[];
  /** Whether a condition among them looks at the action. */
  readonly asksForAction: boolean;
};

export type Part = {
  /** Equal for equal policies. */
  readonly key: string;
  readonly policies: readonly Compiled[];
};

type Scope = PolicyJson['principal'] | PolicyJson['action'] | PolicyJson['resource'];

/** Whether a scope can match something for which `isOrIsIn` tells if it is an entity or in it. */
export function fits(scope: Scope, isOrIsIn: (key: string) => boolean, type?: string): boolean {
  if (scope.op === 'All') return true;
  if (scope.op === 'is')
    return (
      scope.entity_type === type &&
      (scope.in === undefined || fits({ op: 'in', ...scope.in }, isOrIsIn))
    );
  if ('entities' in scope) return scope.entities.some((uid) => isOrIsIn(keyOf(uid)));
  // A slot cannot be here: templates do not load. Keeping the policy is the safe answer all the same.
  return !('entity' in scope) || isOrIsIn(keyOf(scope.entity));
}

function keyOf(uid: Uid | { readonly __entity: Uid }): string {
  return entityKey('type' in uid ? uid : uid['__entity']);
}

type Uid = { readonly type: string; readonly id: string };

/** Up to here one question costs less than two. */
const MAX_WHOLE = 64;
const MAX_REMEMBERED = 4096;

/**
 * Leaves out policies whose scope cannot match: scopes cannot error, so leaving them out changes no answer. Those about
 * everybody and everything are many and the same for all; those about this caller, server or tool are few. Preparing the
 * first anew with each of the second would fill the memory.
 */
export function createSlicer(policies: readonly Compiled[], kinds: Kinds): Slicer {
  const entries = policies.map((each, place) => ({ each, place, isNarrow: isNarrow(each.policy) }));
  const named = new Set(policies.flatMap(({ policy }) => [...scopeKeys(policy)]));
  const slices = new Map<string, Slice>();

  function cut({ principal }: Person, { resource }: What, keys: Keys): Slice {
    const matching = entries.filter(
      ({ each: { policy } }) =>
        fits(policy.principal, (key) => keys.who.has(key), principal.type) &&
        fits(policy.action, (key) => keys.actions.has(key)) &&
        fits(policy.resource, (key) => keys.what.has(key), resource.type),
    );
    const parts =
      matching.length <= MAX_WHOLE
        ? [matching]
        : [matching.filter((entry) => !entry.isNarrow), matching.filter((entry) => entry.isNarrow)];
    return {
      // Also when nothing is left: Cedar has to be asked, and to say no.
      parts: parts
        .filter((part, at) => at === 0 || part.length > 0)
        .map((part) => ({
          key: part.map(({ place }) => place).join(),
          policies: part.map(({ each }) => each),
        })),
      asksForAction: matching.some(({ each }) => asksForAction(each.policy)),
    };
  }

  return function sliceFor(person, about) {
    const { principal, groups } = person;
    const { action, classes, resource, server } = about;
    const actions = new Set([`Action::${action}`]);
    for (const name of classes)
      for (const kind of kinds.get(name) ?? []) actions.add(`Action::${kind}`);
    const who = new Set([principal, ...groups].map(entityKey).filter((key) => named.has(key)));
    const what = new Set([resource, server].map(entityKey).filter((key) => named.has(key)));
    const cacheKey = JSON.stringify([[...who].toSorted(), [...actions], resource.type, [...what]]);
    let slice = slices.get(cacheKey);
    if (!slice) {
      slice = cut(person, about, { who, actions, what });
      if (slices.size >= MAX_REMEMBERED) slices.clear();
      slices.set(cacheKey, slice);
    }
    return slice;
  };
}

export type Slicer = (person: Person, what: What) => Slice;

/**
 * One slice for all that a caller asks about: where a hundred questions come at once, as for a list, preparing a slice for
 * each few of them costs more than asking all policies about this caller each time.
 */
export function createCallerSlicer(policies: readonly Compiled[]): Slicer {
  const slices = new Map<string, Slice>();
  return function sliceFor({ principal, groups }) {
    const who = new Set([principal, ...groups].map(entityKey));
    const places = policies.flatMap(({ policy }, place) =>
      fits(policy.principal, (key) => who.has(key), principal.type) ? [place] : [],
    );
    const key = places.join();
    let slice = slices.get(key);
    if (!slice) {
      const matching = places.flatMap((place) => policies[place] ?? []);
      slice = {
        parts: [{ key, policies: matching }],
        asksForAction: matching.some(({ policy }) => asksForAction(policy)),
      };
      if (slices.size >= MAX_REMEMBERED) slices.clear();
      slices.set(key, slice);
    }
    return slice;
  };
}

type Keys = Readonly<Record<'who' | 'actions' | 'what', ReadonlySet<string>>>;

function isNarrow(policy: PolicyJson): boolean {
  return [...scopeKeys(policy)].length > 0 || namesTool(policy.action);
}

function namesTool(scope: PolicyJson['action']): boolean {
  if (!('entity' in scope || 'entities' in scope)) return false;
  const uids = 'entities' in scope ? scope.entities : [scope.entity];
  return uids.some((uid) => isToolAction(keyOf(uid).replace(/^Action::/u, '')));
}

function* scopeKeys({ principal, resource }: PolicyJson): Generator<string> {
  for (const scope of [principal, resource]) {
    const bounded = scope.op === 'is' ? scope.in : scope;
    if (bounded && 'entity' in bounded) yield keyOf(bounded.entity);
  }
}
