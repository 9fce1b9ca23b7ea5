import type { Subject } from '../call.ts';
import { canonicalJson } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Kind } from './definition.ts';
import { DEFINITION_KINDS } from './definition.ts';
import { readUriTemplate } from './uri-template.ts';
import { hasUnseen } from '../lib/visible.ts';

/** Why a definition is kept from everybody, the gravest first; only the last three are mended by accepting it. */
export type QuarantineReason =
  | 'name'
  | 'duplicate'
  | 'size'
  | 'schema'
  | 'description'
  | 'lock'
  | 'drift'
  | 'unpinned';

/** `detail` is for the owner, never for the agent. */
export type Quarantine = { readonly reason: QuarantineReason; readonly detail: string };

/** What the definition alone says, whatever the lock file says; worth keeping, because scanning costs. */
export type Assessment = {
  readonly fault?: Quarantine;
  /** The detector's block; a person who reviewed this very text may overrule it. */
  readonly blocked?: Quarantine;
};

export type AssessOptions = {
  /** The detector, over every string of the definition. */
  readonly scanDefinition: (definition: JsonObject) => {
    readonly verdict: 'pass' | 'mark' | 'block';
  };
  /** Why the schemas of a tool cannot be enforced; undefined when they can. */
  readonly compileSchemas: (definition: JsonObject) => string | undefined;
};

const LIMITS = { definitionBytes: 256 * 1024, name: 1024, uri: 8 * 1024 } as const;

/** Judges one definition. Never throws: what cannot be judged is kept back. */
export function assess(
  kind: Kind,
  name: string,
  definition: JsonObject,
  isAccepted: boolean,
  { scanDefinition, compileSchemas }: AssessOptions,
): Assessment {
  const problem = nameProblem(kind, name);
  if (problem !== undefined) return { fault: { reason: 'name', detail: problem } };
  const bytes = Buffer.byteLength(canonicalJson(definition));
  if (bytes > LIMITS.definitionBytes)
    return {
      fault: { reason: 'size', detail: `${bytes} bytes, the limit is ${LIMITS.definitionBytes}` },
    };
  try {
    // What was accepted compiled then; it compiles again at its first call, and start-up does not pay for all.
    const schema = kind === 'tool' && !isAccepted ? compileSchemas(definition) : undefined;
    if (schema !== undefined) return { fault: { reason: 'schema', detail: schema } };
    if (scanDefinition(definition).verdict !== 'block') return {};
    return { blocked: { reason: 'description', detail: 'its text looks like an injection' } };
  } catch (error) {
    return { fault: { reason: 'description', detail: `cannot be checked: ${String(error)}` } };
  }
}

function nameProblem(kind: Kind, name: string): string | undefined {
  const isName = DEFINITION_KINDS[kind].id === 'name';
  if (name === '') return 'it has no name';
  // Such a key could not be read back from the lock file.
  if (name === '__proto__') return 'it is not a usable name';
  if (name.length > (isName ? LIMITS.name : LIMITS.uri)) return 'its name is too long';
  if (hasUnseen(name)) return 'its name holds characters that cannot be seen';
  if (kind === 'resourceTemplate' && readUriTemplate(name) === undefined)
    return 'it is not a URI template (RFC 6570)';
  return undefined;
}

/** Puts the judgement and the pin together. Undefined: it may be used, as far as the catalogue is concerned. */
export function quarantineOf(
  subject: Subject,
  assessment: Assessment,
  lockProblem: string | undefined,
  isDuplicate: boolean,
): Quarantine | undefined {
  if (assessment.fault?.reason === 'name') return assessment.fault;
  // Two definitions of one name: the gate would check one and the upstream might run the other.
  if (isDuplicate) return { reason: 'duplicate', detail: 'the server lists this name twice' };
  if (assessment.fault !== undefined) return assessment.fault;
  if (assessment.blocked !== undefined && !subject.reviewed) return assessment.blocked;
  // What still matches while the file is broken needs no file: it came with the program.
  if (lockProblem !== undefined && subject.pin !== 'match')
    return { reason: 'lock', detail: lockProblem };
  if (subject.pin === 'drift') return { reason: 'drift', detail: 'changed since it was accepted' };
  if (subject.pin === 'unpinned') return { reason: 'unpinned', detail: 'never accepted' };
  return undefined;
}
