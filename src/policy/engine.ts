import type { CallMethod, Subject } from '../call.ts';
import type { Steps } from '../lib/steps.ts';
import type { Cedar } from './cedar.ts';
import type { Compilation, Compiled } from './compile.ts';
import { entitiesOf } from './expressions.ts';
import type { FactsOptions } from './facts/facts.ts';
import { createTrustOf } from './facts/trust.ts';
import { createJudge } from './judge.ts';
import type { Judge } from './judge.ts';
import { OWN_SERVER, SUBMIT } from '../plans/names.ts';
import { looks, readsFacts } from './looks.ts';
import { createAsking } from './question.ts';
import type { Asking, QuestionOptions } from './question.ts';
import { ANY_TOOL, createVocabulary, PLAN_SUBMIT } from './schema.ts';
import type { Vocabulary } from './schema.ts';
import { testSelf } from './self-test.ts';
import { argumentReads } from './typed/reads.ts';
import type { TypeTool } from './typed/typed.ts';

/** One instance of Cedar with checked policies in it, proven to say yes and no. */
export type Engine = {
  readonly cedar: Cedar;
  readonly vocabulary: Vocabulary;
  readonly asking: Asking;
  /** The same questions in the words of other policies, of which none looks at arguments. */
  readonly askingFor: (policies: readonly Compiled[]) => Asking;
  readonly judge: Judge;
  /** The arguments of a tool as far as policies look at them. */
  readonly typeOf: (method: CallMethod, subject: Subject) => ReturnType<TypeTool>;
  readonly byId: ReadonlyMap<string, Compiled>;
};

/** In steps, between which others may be served. What it has prepared is given back where the self-test fails. */
export function* createEngine(
  cedar: Cedar,
  { policies, base, unchecked }: Compilation,
  now: () => Date,
  facts: FactsOptions = {},
): Steps<Engine> {
  const vocabulary = createVocabulary(base);
  const typeTool: TypeTool =
    argumentReads(policies).size > 0
      ? looks().createTypeTool({ cedar, vocabulary, policies, unchecked })
      : () => undefined;
  const factsOf = readsFacts(policies) ? looks().createFactsOf(facts) : createTrustOf(facts.trusts);
  const actionFor = actionsOf(policies);
  const asking = createAsking({ vocabulary, actionFor, typeTool, factsOf, now });
  if (readsFacts(policies, 'argLabels')) facts.traces?.watch(looks().createPrints);
  if (readsFacts(policies, 'anomaly')) facts.usage?.watch(looks().createAnomaly);
  yield;
  const judge = createJudge({ cedar, vocabulary, policies });
  yield;
  try {
    yield* testSelf({ cedar, vocabulary, asking, judge });
  } catch (thrown) {
    judge.close();
    throw thrown;
  }
  return {
    cedar,
    vocabulary,
    asking,
    askingFor: (listed) =>
      createAsking({
        vocabulary,
        actionFor: actionsOf(listed),
        typeTool: () => undefined,
        factsOf,
        now,
      }),
    judge,
    typeOf: (method, subject) => typeTool(actionFor(method, subject), subject.definition),
    byId: new Map(policies.map((each) => [each.id, each])),
  };
}

const TOOL = /^Action::tools\/call:/u;

/** The action of a call, where these policies decide. */
function actionsOf(policies: readonly Compiled[]): QuestionOptions['actionFor'] {
  const named = new Set(
    policies.flatMap(({ policy }) => [...entitiesOf(policy)].filter((key) => TOOL.test(key))),
  );
  return function actionFor(method, { server, name }) {
    if (method !== 'tools/call') return method;
    if (server === OWN_SERVER && name === SUBMIT) return PLAN_SUBMIT;
    // Policies cannot tell tools apart that none of them names, so those share one action and its schema.
    if (named.size === 0) return ANY_TOOL;
    const own = `${method}:${server}/${name}`;
    return named.has(`Action::${own}`) ? own : ANY_TOOL;
  };
}
