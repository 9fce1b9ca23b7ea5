import type { CapabilityClass } from '../call.ts';
import type { Cedar, Decision, EntityJson, PolicyJson } from './cedar.ts';
import type { Compiled } from './compile.ts';
import { createFocus, type Focus } from './focus.ts';
import { rememberFixed } from '../lib/fixed.ts';
import type { Person, Question, What } from './question.ts';
import type { Vocabulary } from './schema.ts';
import { createRemember } from './remember.ts';
import { createSlicer, fits } from './slices.ts';
import type { Slice, Slicer } from './slices.ts';
import { createSlots } from './slots.ts';

/** Approvals given and obligations promised, as `context.pep`. */
export type Pep = { readonly approvals: readonly string[]; readonly enforce: readonly string[] };

export type Judgement = {
  readonly allowed: boolean;
  /** Policies that decided: permits where allowed, forbids where not; empty where nothing permits it. */
  readonly policies: readonly string[];
  /** Classes of the call that no permit covers. */
  readonly uncovered: readonly CapabilityClass[];
  /** Policies that could not be evaluated; then it is never allowed. */
  readonly errors: readonly string[];
};

export type Judge = {
  (question: Question, pep: Pep): Judgement;
  /** Frees what it has prepared; it decides no more. */
  readonly close: () => void;
};

export type JudgeOptions = {
  readonly cedar: Cedar;
  readonly vocabulary: Vocabulary;
  readonly policies: readonly Compiled[];
  /** Whether an error in this policy only leaves the policy out. Where decisions are made: never. */
  readonly tolerates?: (policy: Compiled) => boolean;
  /** Absent: the one that leaves out most. */
  readonly sliceFor?: Slicer;
};

/** About 3 kB each. */
const MAX_PREPARED_POLICIES = 20_000;
const MAX_PREPARED_SCHEMAS = 256;

/**
 * Evaluates policies. A call is allowed when it is allowed as everything it does at once, and as each thing it does alone:
 * see docs/decisions/002-every-class-must-be-permitted.md.
 */
export function createJudge(options: JudgeOptions): Judge {
  const { cedar, vocabulary, policies, tolerates } = options;
  const byId = new Map(policies.map((each) => [each.id, each]));
  let closed = false;
  const schemas = createSlots({
    cedar,
    kind: 'schema',
    prepare: (module, name, schema: ReturnType<Vocabulary['shard']>) =>
      module.preparseSchema(name, schema),
    weigh: () => 1,
    capacity: MAX_PREPARED_SCHEMAS,
  });
  const sets = createSlots({
    cedar,
    kind: 'policies',
    prepare: (module, name, slice: readonly Compiled[]) =>
      module.preparsePolicySet(name, {
        staticPolicies: Object.fromEntries(slice.map(({ id, policy }) => [id, policy])),
      }),
    weigh: (slice) => slice.length + 1,
    capacity: MAX_PREPARED_POLICIES,
  });
  const focus = createFocus(policies);
  // Cedar's answer follows from what it is handed and nothing else; see docs/decisions.
  const remember = createRemember<Judgement>(MAX_REMEMBERED);
  const sliceFor = options.sliceFor ?? createSlicer(policies, vocabulary.kinds);

  /** All of a question that comes again with the same caller and subject. */
  const prepared = rememberFixed((person: Person) =>
    rememberFixed((what: What): Prepared => {
      const slice = sliceFor(person, what);
      const entities = focus.entities(person, what);
      const keys = slice.parts.map(({ key }) => key);
      const input = [what.action, what.args?.key, keys, person.principal, what.resource, entities];
      return { slice, entities, text: JSON.stringify(input) };
    }),
  );

  function judge(question: Question, pep: Pep): Judgement {
    if (closed) throw new TypeError('Cannot decide: these policies are no longer in force');
    const { person, what } = question;
    const { classes } = what;
    const { slice, ...rest } = prepared(person)(what);
    const asked = { ...rest, slice, question, context: focus.context(question.context), pep };
    const whole = ask(asked, classes);
    if (classes.length < 2 || whole.errors.length > 0) return whole;
    if (slice.asksForAction) return both([whole, ...classes.map((name) => ask(asked, [name]))]);
    // No condition looks at the action, so the scopes of the permits that held say which classes they cover.
    if (!whole.allowed) return whole;
    const held = whole.policies.flatMap((id) => byId.get(id) ?? []);
    const uncovered = classes.filter(
      (name) => !held.some(({ policy }) => covers(policy, what.action, name)),
    );
    return uncovered.length === 0 ? whole : { ...NOTHING, uncovered };
  }

  function close(): void {
    closed = true;
    schemas.close();
    sets.close();
  }

  return Object.assign(judge, { close });

  function ask(
    { question, slice, entities, text, context, pep }: Asked,
    classes: readonly CapabilityClass[],
  ): Judgement {
    const { principal } = question.person;
    const { action, resource, args } = question.what;
    return remember(text + JSON.stringify([classes, context, pep]), evaluate);

    function evaluate(): Judgement {
      const key = JSON.stringify([action, classes, args?.key]);
      const preparsedSchemaName = schemas.slotFor(key, () =>
        focus.schema(vocabulary.shard(action, classes, args?.record)),
      );
      const found = {
        permits: new Set<string>(),
        forbids: new Set<string>(),
        errors: new Set<string>(),
      };
      for (const part of slice.parts) {
        const preparsedPolicySetId = sets.slotFor(part.key, () => part.policies);
        const answer = cedar.use((module) =>
          module.statefulIsAuthorized({
            principal,
            action: { type: 'Action', id: action },
            resource,
            context: {
              ...context,
              pep: { approvals: [...pep.approvals], enforce: [...pep.enforce] },
            },
            entities,
            preparsedSchemaName,
            preparsedPolicySetId,
            validateRequest: true,
          }),
        );
        if (answer.type !== 'success')
          throw new TypeError(
            `Cannot decide: ${answer.errors[0]?.message ?? 'Cedar gave no reason'}`,
          );
        const { decision, diagnostics } = answer.response;
        const reasons = decision === ('allow' satisfies Decision) ? found.permits : found.forbids;
        for (const id of diagnostics.reason) reasons.add(id);
        // Cedar skips a policy that errors. A skipped `forbid` is a hole, so an error denies.
        for (const { policyId } of diagnostics.errors)
          if (!isTolerated(byId.get(policyId))) found.errors.add(policyId);
      }
      return judgementOf(found, classes);
    }
  }

  function isTolerated(policy: Compiled | undefined): boolean {
    return policy !== undefined && tolerates?.(policy) === true;
  }

  function covers({ action: scope }: PolicyJson, action: string, name: CapabilityClass): boolean {
    const parents = new Set<string>(vocabulary.kinds.get(name)).add(action);
    return fits(scope, (key) => parents.has(key.replace(/^Action::/u, '')));
  }
}

type Prepared = {
  readonly slice: Slice;
  readonly entities: EntityJson[];
  /** Equal for questions that differ in classes, context and promises alone. */
  readonly text: string;
};
type Asked = Prepared & {
  readonly question: Question;
  readonly context: ReturnType<Focus['context']>;
  readonly pep: Pep;
};

const MAX_REMEMBERED = 4096;

/** A forbid in any part forbids, a permit in any part permits. */
function judgementOf(
  found: Readonly<Record<'permits' | 'forbids' | 'errors', ReadonlySet<string>>>,
  classes: readonly CapabilityClass[],
): Judgement {
  const { permits, forbids, errors } = found;
  if (errors.size > 0) return { ...NOTHING, policies: sorted(errors), errors: sorted(errors) };
  if (forbids.size > 0) return { ...NOTHING, policies: sorted(forbids) };
  if (permits.size > 0) return { ...NOTHING, allowed: true, policies: sorted(permits) };
  return { ...NOTHING, uncovered: classes };
}

function sorted(ids: ReadonlySet<string>): string[] {
  return [...ids].toSorted();
}

const NOTHING = { allowed: false, policies: [], uncovered: [], errors: [] } as const;

function both(judgements: readonly Judgement[]): Judgement {
  const refused = judgements.filter(({ allowed }) => !allowed);
  const union = <T>(pick: (judgement: Judgement) => readonly T[]): T[] => [
    ...new Set((refused.length > 0 ? refused : judgements).flatMap(pick)),
  ];
  return {
    allowed: refused.length === 0,
    policies: union(({ policies }) => policies),
    uncovered: union(({ uncovered }) => uncovered),
    errors: union(({ errors }) => errors),
  };
}
