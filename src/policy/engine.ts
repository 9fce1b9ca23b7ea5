import type { CallMethod, Subject } from '../call.ts';
import type { Steps } from '../lib/steps.ts';
import type { Cedar } from './cedar.ts';
import type { Compilation, Compiled } from './compile.ts';
import { entitiesOf } from './expressions.ts';
import { createFactsOf, type FactsOptions } from './facts/facts.ts';
import { createJudge } from './judge.ts';
import type { Judge } from './judge.ts';
import { createAsking } from './question.ts';
import type { Asking } from './question.ts';
import { ANY_TOOL, createVocabulary } from './schema.ts';
import type { Vocabulary } from './schema.ts';
import { testSelf } from './self-test.ts';
import { createTypeTool } from './typed/typed.ts';
import type { TypeTool } from './typed/typed.ts';

/** One instance of Cedar with checked policies in it, proven to say yes and no. */
export type Engine = {
  readonly cedar: Cedar;
  readonly vocabulary: Vocabulary;
  readonly asking: Asking;
  readonly judge: Judge;
  /** The arguments of a tool as far as policies look at them. */
  readonly typeOf: (method: CallMethod, subject: Subject) => ReturnType<TypeTool>;
  readonly byId: ReadonlyMap<string, Compiled>;
};

/** In steps, between which others may be served. What it has prepared is given back where the self-test fails. */
export function* createEngine(
  cedar: Cedar,
  { policies, base }: Compilation,
  now: () => Date,
  facts: FactsOptions = {},
): Steps<Engine> {
  const vocabulary = createVocabulary(base);
  const named = new Set(policies.flatMap(({ policy }) => [...entitiesOf(policy)]));
  const typeTool = createTypeTool({ cedar, vocabulary, policies });
  const asking = createAsking({
    vocabulary,
    actionFor,
    typeTool,
    factsOf: createFactsOf(facts),
    now,
  });
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
    judge,
    typeOf: (method, subject) => typeTool(actionFor(method, subject), subject.definition),
    byId: new Map(policies.map((each) => [each.id, each])),
  };

  function actionFor(method: CallMethod, { server, name }: Subject): string {
    if (method !== 'tools/call') return method;
    const own = `${method}:${server}/${name}`;
    // Policies cannot tell tools apart that none of them names, so those share one action and its schema.
    return named.has(`Action::${own}`) ? own : ANY_TOOL;
  }
}
