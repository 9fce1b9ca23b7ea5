import type { JsonObject, Subject } from '../call.ts';
import { isHandle } from '../handles/handles.ts';
import type { Schemas } from '../plan/arguments.ts';
import { isJsonObject, type JsonValue } from '../lib/json.ts';
import { misfit } from './fits.ts';
import type { Plan, Problem, Step } from './plan.ts';
import { pointerOf } from './pointer.ts';

/** What is known of tools by the names that the caller uses. */
export type LookUp = (name: string) => Subject | 'unknown' | 'held-back';

export type CheckStepsOptions = {
  /** `unknown` for one that is hidden as for one that is missing. */
  readonly lookUp: LookUp;
  readonly schemas: Pick<Schemas, 'checkTemplate'>;
};

export type CheckedStep = Step & { readonly subject: Subject };

/** Looks at the tools of a plan and at what they are given. References are held against the schemas of both sides. */
export function checkSteps(
  plan: Plan,
  { lookUp, schemas }: CheckStepsOptions,
): { readonly steps: readonly CheckedStep[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const subjects = new Map<string, Subject>();
  const steps = plan.steps.flatMap((step): CheckedStep[] => {
    const subject = lookUp(step.tool);
    const place = pointerOf(['steps', step.at, 'tool']);
    if (subject === 'unknown') problems.push({ place, what: `Unknown tool: ${step.tool}` });
    else if (subject === 'held-back')
      problems.push({ place, what: 'nobody has accepted the definition of this tool' });
    else {
      subjects.set(step.id, subject);
      return [Object.freeze({ ...step, subject })];
    }
    return [];
  });
  for (const { at: number, arguments: args, references, subject } of steps) {
    const say = (place: readonly string[], what: string): void =>
      void problems.push({
        place: pointerOf(['steps', number, 'arguments', ...place]),
        what,
      });
    const open = [...[...references.values()].map(({ at }) => at), ...handlesIn(args)].map(
      pointerOf,
    );
    const wrong = schemas.checkTemplate(subject.definition, subject.hash, args, open);
    if (wrong !== undefined) say([], wrong);
    for (const { step, tokens, at } of references.values()) {
      const output = subjects.get(step)?.definition['outputSchema'];
      const [part, ...inside] = tokens;
      if (part !== 'structuredContent' || !isJsonObject(output)) continue;
      const why = misfit(output, inside, inputOf(subject), at);
      if (why !== undefined) say(at, why);
    }
  }
  return { steps, problems };
}

/** Where handles stand: what their values are is checked when the step is made. */
function handlesIn(
  value: JsonValue | undefined,
  at: readonly string[] = [],
): (readonly string[])[] {
  if (typeof value === 'string' && isHandle(value)) return [at];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => handlesIn(inner, [...at, key]));
}

function inputOf({ definition: { inputSchema } }: Subject): JsonObject {
  return isJsonObject(inputSchema) ? inputSchema : {};
}
