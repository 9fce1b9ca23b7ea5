import type { Cedar, DetailedError, PolicyJson, SchemaJson, ValidationError } from './cedar.ts';
import { entitiesOf, nodesOf, stackCost } from './expressions.ts';
import type { JsonObject } from '../lib/json.ts';
import { looks } from './looks.ts';
import { complaintsAbout } from './obligations.ts';
import { setDigest, shippedParsed, textDigest, type Parsed } from './parsed.ts';
import type { Problem } from './problem.ts';
import { OWN_SERVER, SUBMIT } from '../plans/names.ts';
import { ANY_TOOL, createVocabulary, isToolAction, PLAN_SUBMIT } from './schema.ts';
import type { Source } from './sources.ts';
import { splitPolicies } from './split.ts';
import type { CedarRecord } from './typed/argument-type.ts';
import type { ArgumentTypes } from './typed/argument-types.ts';
import {
  argumentComplaints,
  argumentPaths,
  argumentReads,
  argumentsUnknown,
  toolsUnknown,
} from './typed/reads.ts';

/** A policy that parses, fits the schema and keeps the rules about obligations; what was looked at is what runs. */
export type Compiled = {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly policy: PolicyJson;
};

export type Compilation = {
  readonly problems: readonly Problem[];
  readonly policies: readonly Compiled[];
  readonly base: SchemaJson;
  /** sha256 of the file that Cedar's reading of shipped texts was taken from; absent: Cedar has read everything. */
  readonly parsed: string | undefined;
  /** Policies about arguments of tools that are not known: checked when such a tool is called, and denying until then. */
  readonly unchecked: readonly { readonly policy: Compiled; readonly tool: string }[];
};

/** Definitions of tools that were accepted, by the id of their action. */
export type KnownTools = ReadonlyMap<string, JsonObject>;

/** Cedar parses by recursion and traps at about 130; nobody nests by hand that deep. */
const MAX_NESTING = 32;
/** See `stackCost`. */
const MAX_STACK = 256;
const MAX_POLICY_BYTES = 256 * 1024;

/** Turns texts into checked policies. Notes every problem, and never throws for what a policy says. */
export function compile(
  cedar: Cedar,
  sources: readonly Source[],
  baseText: string,
  parsed: Parsed = shippedParsed(cedar),
  tools: KnownTools = new Map(),
  /** Takes each as it is parsed: whether it is sound is known at the end. */
  note: (policy: Compiled) => void = () => undefined,
): Compilation {
  const problems: Problem[] = [];
  const base = readBase(cedar, baseText, parsed);
  const policies: Compiled[] = [];
  const seen = new Map<string, Compiled>();

  for (const { file, text } of sources) {
    const pieces = splitPolicies(text);
    if (pieces.length === 0) problems.push({ file, what: 'there is no policy in it' });
    for (const [at, piece] of pieces.entries()) {
      const place = { file, line: piece.line };
      const policy =
        piece.depth > MAX_NESTING
          ? { what: `it nests brackets ${piece.depth} deep, the limit is ${MAX_NESTING}` }
          : Buffer.byteLength(piece.text) > MAX_POLICY_BYTES
            ? { what: `it is longer than ${MAX_POLICY_BYTES} bytes` }
            : parse(cedar, piece.text, parsed);
      if ('what' in policy) {
        problems.push({ ...place, ...policy });
        continue;
      }
      const id = idOf(policy) ?? `${file}#${at + 1}`;
      const found = { id, ...place, policy };
      for (const complaint of [
        ...complaintsAbout(policy),
        ...nameComplaints(policy),
        ...argumentComplaints(policy),
      ])
        problems.push({ ...place, policy: id, ...complaint });
      const twin = seen.get(id);
      if (twin)
        problems.push({
          ...place,
          policy: id,
          what: 'this @id is taken',
          hint: `${twin.file}:${twin.line} has the same`,
        });
      else {
        seen.set(id, found);
        policies.push(found);
        note(found);
      }
    }
  }
  if (!parsed.sound.includes(setDigest(sources, baseText)))
    problems.push(...validate(cedar, policies, base, tools));
  const unchecked = policies.flatMap((policy) =>
    toolsUnknown(policy, tools).map((tool) => ({ policy, tool })),
  );
  return { problems, policies, base, parsed: parsed.digest, unchecked };
}

function readBase(cedar: Cedar, text: string, { schemas }: Parsed): SchemaJson {
  const known = schemas[textDigest(text)];
  if (known) return known;
  const answer = cedar.use((module) => module.schemaToJson(text));
  if (answer.type === 'success') return answer.json;
  throw new TypeError(`Cannot read the base schema: ${answer.errors[0]?.message ?? 'no reason'}`);
}

function parse(
  cedar: Cedar,
  text: string,
  shipped: Parsed,
): PolicyJson | { what: string; hint?: string } {
  const known = shipped.policies[textDigest(text)];
  if (known) return known;
  try {
    const answer = cedar.use((module) => module.policyToJson(text));
    if (answer.type !== 'success') return asComplaint(answer.errors[0]);
    if (stackCost(answer.json.conditions) > MAX_STACK)
      return {
        what: 'its conditions are too deep or too long to evaluate safely',
        hint: 'write several policies instead of one',
      };
    // The JSON form passes through IEEE doubles, which would make another number of it.
    for (const { Value: value } of nodesOf(answer.json.conditions))
      if (typeof value === 'number' && !Number.isSafeInteger(value))
        return { what: 'it has a number beyond ±(2^53 - 1)' };
    return answer.json;
  } catch {
    return { what: 'it is too deep or too long for Cedar', hint: 'write several policies instead' };
  }
}

function asComplaint(error: DetailedError | undefined): { what: string; hint?: string } {
  const what = (error?.message ?? 'Cedar does not accept it')
    .replace(/^failed to parse policy from string: /u, '')
    .replace(/^for policy `[^`]*`, /u, '');
  const label = error?.sourceLocations?.find((place) => place.label !== null)?.label;
  const hint = error?.help ?? label ?? undefined;
  return hint === undefined ? { what } : { what, hint };
}

function idOf(policy: PolicyJson): string | undefined {
  const id: unknown = policy.annotations?.['id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function nameComplaints(policy: PolicyJson): { what: string; hint: string }[] {
  return actionsOf(policy)
    .filter((id) => id === ANY_TOOL || id === SUBMIT_TOOL || /^\(.*\)$/u.test(id))
    .map((id) => ({
      what: `Action::"${id}" is not for policies`,
      hint:
        id === SUBMIT_TOOL
          ? `use Action::"${PLAN_SUBMIT}"`
          : 'use a class (action in Action::"read") or a server (resource in Server::"files")',
    }));
}

/** It would never be asked about. */
const SUBMIT_TOOL = `tools/call:${OWN_SERVER}/${SUBMIT}`;

function actionsOf(policy: PolicyJson): string[] {
  const prefix = 'Action::';
  return [...entitiesOf(policy)]
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
}

/** Cedar's warning that a scope fits no request at all. */
const NO_REQUEST = /unable to find an applicable action/u;
const IMPOSSIBLE = /policy is impossible/u;
/** Text that shows a person something else than it says (CVE-2021-42574). */
const DECEPTIVE = /BIDI|mixed script|confusable/iu;

/** What Cedar's validator says against policies of this schema. */
export function validate(
  cedar: Cedar,
  all: readonly Compiled[],
  base: SchemaJson,
  tools: KnownTools = new Map(),
): Problem[] {
  const policies = all.filter((each) => toolsUnknown(each, tools).length === 0);
  const byId = new Map(policies.map((each) => [each.id, each]));
  const types = typesOf(policies, tools);
  const vocabulary = createVocabulary(base);
  const validationErrors: ValidationError[] = [];
  const validationWarnings: ValidationError[] = [];
  for (const group of groupsOf(policies)) {
    const named = group.flatMap(({ policy }) => actionsOf(policy).filter(isToolAction));
    const schema = vocabulary.validation(
      new Map(named.map((action) => [action, recordOf(types.get(action))])),
    );
    const staticPolicies = Object.fromEntries(group.map(({ id, policy }) => [id, policy]));
    const answer = cedar.use((module) => module.validate({ schema, policies: { staticPolicies } }));
    if (answer.type !== 'success')
      return answer.errors.map((error) => ({ file: 'policies', ...asComplaint(error) }));
    validationErrors.push(...answer.validationErrors);
    validationWarnings.push(...answer.validationWarnings);
  }
  const found = new Map<string, Problem>();

  function note(id: string, complaint: { what: string; hint?: string }): void {
    const { file = 'policies', line = 1 } = byId.get(id) ?? {};
    // Once per policy, not once per action that it fits.
    const what = complaint.what.replace(
      / (?:in context for|on entity type) .*? not found$/u,
      ' not found',
    );
    found.set(`${id}\n${what}`, { file, line, policy: id, ...complaint, what });
  }

  const broken = new Set<string>();
  for (const { id, policy } of policies)
    for (const complaint of argumentsUnknown(policy, types)) {
      broken.add(id);
      note(id, complaint);
    }
  for (const { policyId, error } of validationErrors) {
    if (broken.has(policyId)) continue;
    broken.add(policyId);
    note(policyId, asComplaint(error));
  }
  for (const { policyId, error } of validationWarnings) {
    if (broken.has(policyId)) continue;
    const { policy } = byId.get(policyId) ?? {};
    if (DECEPTIVE.test(error.message)) note(policyId, asComplaint(error));
    else if (NO_REQUEST.test(error.message)) {
      broken.add(policyId);
      note(policyId, { what: 'its scope fits no request at all', hint: scopeHint(policy) });
    } else if (IMPOSSIBLE.test(error.message) && policy?.effect === 'forbid') {
      // A guard that can never hold is a missing guard.
      note(policyId, {
        what: 'it can never forbid anything',
        hint: 'look for a comparison that is always false, or remove it',
      });
    }
  }
  return [...found.values()];
}

/** Cedar looks at each policy once per tool that it is told of, so those about arguments come by tool, and with few others. */
const GROUP = 32;

function groupsOf(policies: readonly Compiled[]): (readonly Compiled[])[] {
  const about: { readonly each: Compiled; readonly tools: string }[] = [];
  const rest: Compiled[] = [];
  for (const each of policies)
    if (argumentPaths(each.policy).length === 0) rest.push(each);
    else about.push({ each, tools: actionsOf(each.policy).toSorted().join('\n') });
  const byTool = about
    .toSorted((a, b) => Number(a.tools > b.tools) - Number(a.tools < b.tools))
    .map(({ each }) => each);
  const groups: (readonly Compiled[])[] = [rest];
  for (let at = 0; at < byTool.length; at += GROUP) groups.push(byTool.slice(at, at + GROUP));
  return groups;
}

/** Of the tools that policies look into. */
function typesOf(
  policies: readonly Compiled[],
  tools: KnownTools,
): ReadonlyMap<string, ArgumentTypes> {
  return new Map(
    [...argumentReads(policies).keys()].flatMap((action) => {
      const definition = tools.get(action);
      return definition ? [[action, looks().argumentTypes(definition)] as const] : [];
    }),
  );
}

function recordOf(types: ArgumentTypes | undefined): CedarRecord | undefined {
  return types && looks().cedarRecord(types.type);
}

function scopeHint(policy: PolicyJson | undefined): string {
  if (policy?.action.op === '==')
    return 'classes are groups: write action in Action::"read", not action ==';
  if (policy?.principal.op === '==')
    return 'principals are users: write principal in Group::"eng", not principal ==';
  return 'tools are Tool::"server/name", servers Server::"name"; not every action has both';
}
