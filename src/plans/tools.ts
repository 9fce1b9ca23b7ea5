import type { JsonObject, Subject } from '../call.ts';
import { definitionHash } from '../catalogue/definition.ts';
import { freezeJson } from '../lib/json.ts';
import { fix } from '../lib/fixed.ts';
import { CANCEL, OWN_SERVER, RUN, STATUS, SUBMIT } from './names.ts';
import type { PlanLimits } from './plan.ts';
import { planSchema } from './read-plan.ts';

type Definition = JsonObject & { readonly name: string };

const plan = { type: 'string', description: 'The id that submitting it has given' };

const reads = { readOnlyHint: true, destructiveHint: false, openWorldHint: false };

/**
 * The gateway's own tools, by the names that clients use. What a plan does is decided step by step, so all of them only
 * read.
 */
export function ownTools(limits: PlanLimits, separator: string): ReadonlyMap<string, Subject> {
  const definitions: readonly Definition[] = [
    {
      name: SUBMIT,
      title: 'Submit a plan',
      description:
        'Has a plan of tool calls checked as a whole, before any of them is made: shape, tools, arguments, policies. Plan before reading what others have written: what is fixed before needs no approval later only because of what was read. Gives the id to run it with, or every problem at once.',
      inputSchema: planSchema(limits),
      annotations: reads,
    },
    {
      name: RUN,
      title: 'Run a plan',
      description:
        'Makes the calls of a submitted plan, independent ones side by side, and puts results of earlier steps into later ones. Says of each step what became of it; shows the results of steps that say reveal. After an approval that was missing the same plan can be run again: what is done is not done twice.',
      inputSchema: object({ plan }, ['plan']),
      annotations: { ...reads, readOnlyHint: false },
      execution: { taskSupport: 'optional' },
    },
    {
      name: STATUS,
      title: 'State of plans',
      description: 'Says how far a plan is, or lists your plans.',
      inputSchema: object({ plan }, []),
      annotations: reads,
    },
    {
      name: CANCEL,
      title: 'Cancel a plan',
      description: 'Ends a plan: calls under way are given up, and no further one is made.',
      inputSchema: object({ plan }, ['plan']),
      annotations: { ...reads, readOnlyHint: false },
    },
  ];
  return new Map(
    definitions.map((each) => [`${OWN_SERVER}${separator}${each.name}`, subjectOf(each)]),
  );
}

function object(properties: JsonObject, required: readonly string[]): JsonObject {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** It ships with the program, so its pin is the program itself. */
function subjectOf(written: Definition): Subject {
  const definition = freezeJson(written);
  return fix({
    kind: 'tool',
    server: OWN_SERVER,
    name: written.name,
    classes: ['read'] as const,
    dataClass: 0,
    source: [],
    sink: [],
    pin: 'match',
    reviewed: true,
    hash: definitionHash('tool', definition),
    definition,
  });
}
