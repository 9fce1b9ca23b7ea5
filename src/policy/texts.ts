import { readFile } from 'node:fs/promises';
import type { KnownTools } from './compile.ts';
import { loadLooks } from './looks.ts';
import { BASE_SCHEMA, SHIPPED } from './policies.ts';
import type { Problem } from './problem.ts';
import { readSources, type Source } from './sources.ts';

/** Everything that a policy is made of. */
export type Texts = {
  /** The guardrails, and then the others. */
  readonly sources: readonly Source[];
  /** The base schema. */
  readonly base: string;
  /** What is wrong before Cedar has seen any of it. */
  readonly problems: readonly Problem[];
  /** Where policies look at arguments: tools that were accepted. */
  readonly tools?: KnownTools;
};

/** Adds them where a policy may need them: reading what was accepted takes longer than all else. */
export async function withTools(
  texts: Texts,
  knownTools: (() => Promise<KnownTools>) | undefined,
): Promise<Texts> {
  const mayLook = texts.sources.some(({ text }) => text.includes('args'));
  return mayLook && knownTools ? { ...texts, tools: await knownTools() } : texts;
}

/** Reads folders and `.cedar` files. */
export async function readTexts(paths: readonly string[]): Promise<Texts> {
  const problems: Problem[] = [];
  if (paths.length === 0) problems.push({ file: 'policy.path', what: 'it names no policies' });
  const own = await readSources(paths, (problem) => void problems.push(problem));
  return await withGuardrails(own, problems);
}

/** Puts the guardrails in front of what was read somewhere. */
export async function withGuardrails(
  own: readonly Source[],
  before: readonly Problem[] = [],
): Promise<Texts> {
  const problems = [...before];
  const guardrails = await readSources(
    [SHIPPED.guardrails],
    (problem) => void problems.push(problem),
  );
  const others = own.filter(({ real }) => !guardrails.some((each) => each.real === real));
  const sources = [...guardrails, ...others];
  await loadLooks(sources);
  return {
    sources,
    base: await readFile(BASE_SCHEMA, 'utf8'),
    problems,
  };
}
