import type { Finding, Subject } from '../call.ts';
import { canonicalJson } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Kind } from './definition.ts';
import { DEFINITION_KINDS } from './definition.ts';
import { readUriTemplate } from './uri-template.ts';
import { hasUnseen, visible } from '../lib/visible.ts';
import type { Suspicion } from './suspect/suspicion.ts';
import { suspiciousTexts } from './suspect/texts.ts';

/** Why a definition is kept from everybody, the gravest first; only the last three are mended by accepting it. */
export type QuarantineReason =
  | 'name'
  | 'duplicate'
  | 'size'
  | 'schema'
  | 'description'
  | 'shadowing'
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

/** What the detector says of a definition. */
export type Judged = {
  readonly verdict: 'pass' | 'mark' | 'block';
  readonly findings?: readonly Finding[];
};

export type AssessOptions = {
  /** The detector, over every string of the definition. */
  readonly scanDefinition: (definition: JsonObject) => Judged;
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
    const detail = textProblem(kind, definition, scanDefinition(definition));
    return detail === undefined ? {} : { blocked: { reason: 'description', detail } };
  } catch (error) {
    return { fault: { reason: 'description', detail: `cannot be checked: ${String(error)}` } };
  }
}

const MAX_TOLD = 3;

/** Why the texts of a definition keep it back until a person has reviewed it, in words for the owner. */
export function textProblem(
  kind: Kind,
  definition: JsonObject,
  { verdict, findings = [] }: Judged,
): string | undefined {
  // Of an introduction clients are shown a copy in which nothing is hidden.
  const texts = kind === 'introduction' ? [] : suspiciousTexts(definition);
  const grave = texts.filter((suspicion) => suspicion.grave);
  if (grave.length > 0) return told(grave);
  if (verdict !== 'block') return undefined;
  const where = new Set(findings.map(({ rule, view }) => `${rule} at ${pointerIn(view)}`));
  const list = [...where].slice(0, MAX_TOLD).join(', ');
  return `its text looks like an injection${list && `: ${list}`}`;
}

/** The first of them, with their places. */
export function told(suspicions: readonly Suspicion[]): string {
  const said = suspicions.slice(0, MAX_TOLD).map(({ pointer, detail }) => `${pointer} ${detail}`);
  const more = suspicions.length - MAX_TOLD;
  return visible([...said, ...(more > 0 ? [`and ${more} more`] : [])].join('; '));
}

/** A finding in JSON names its view and its pointer: `raw /description`. */
export function pointerIn(view: string): string {
  return visible(view.slice(view.indexOf(' ') + 1));
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

/** Puts the judgement, what it has to do with tools of other servers (`among`) and the pin together. Undefined: it may be used, as far as the catalogue is concerned. */
export function quarantineOf(
  subject: Subject,
  assessment: Assessment,
  lockProblem: string | undefined,
  isDuplicate: boolean,
  among: readonly Suspicion[],
): Quarantine | undefined {
  if (assessment.fault?.reason === 'name') return assessment.fault;
  // Two definitions of one name: the gate would check one and the upstream might run the other.
  if (isDuplicate) return { reason: 'duplicate', detail: 'the server lists this name twice' };
  if (assessment.fault !== undefined) return assessment.fault;
  if (assessment.blocked !== undefined && !subject.reviewed) return assessment.blocked;
  const shadows = among.filter(({ grave }) => grave);
  if (shadows.length > 0 && !subject.reviewed)
    return { reason: 'shadowing', detail: told(shadows) };
  // What still matches while the file is broken needs no file: it came with the program.
  if (lockProblem !== undefined && subject.pin !== 'match')
    return { reason: 'lock', detail: lockProblem };
  if (subject.pin === 'drift') return { reason: 'drift', detail: 'changed since it was accepted' };
  if (subject.pin === 'unpinned') return { reason: 'unpinned', detail: 'never accepted' };
  return undefined;
}
