/** How the pieces of a call stand in a record: who, what, under which rules; never a value that came from outside. */
import type { Caller, Permit, PlanStep, Scanned, Subject } from '../call.ts';
import { canonicalJson, isJsonObject } from '../lib/json.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';
import type { Audit } from './audit.ts';

export function describeCaller({ issuer, subject, client, groups, assurance }: Caller): JsonObject {
  return { issuer, subject, client, groups, assurance };
}

export function describeSubject(subject: Subject): JsonObject {
  const { kind, server, name, classes, dataClass, source, sink, hash, pin, reviewed } = subject;
  const { asHandle } = subject;
  // `definition` is a digest here: the record has a `hash` of its own.
  return {
    requested: undefined,
    kind,
    server,
    name,
    classes,
    dataClass,
    source,
    sink,
    definition: hash,
    pin,
    reviewed,
    asHandle,
  };
}

/** Which step of which plan, and what the session had read when that was validated. */
export function describeStep(step: PlanStep | undefined): JsonObject | undefined {
  if (step === undefined) return undefined;
  const { plan, number, isRun, labels, argLabels, fromUntrusted } = step;
  return {
    digest: plan,
    step: number,
    isRun,
    labels: [...labels].toSorted(),
    argLabels: [...argLabels].toSorted(),
    fromUntrusted: [...fromUntrusted].toSorted(),
  };
}

export function describePermit({ policies, obligations }: Permit): JsonObject {
  return { policies, obligations: { ...obligations } };
}

export function describeScanned({ verdict, score, findings, segments }: Scanned): JsonObject {
  return {
    verdict,
    score,
    findings: findings.map((finding) => ({ ...finding })),
    segments: segments?.map((segment) => ({ ...segment })),
  };
}

/** A keyed digest, and the size in bytes of the canonical JSON. */
export function describeValue(audit: Audit, value: JsonValue): JsonObject {
  const text = canonicalJson(value);
  return { digest: audit.digest(text), bytes: Buffer.byteLength(text) };
}

/**
 * Arguments without their values: a keyed digest, the size, and which of the declared names are set. An undeclared
 * name came from the model and may itself be a value, so it is only counted.
 */
export function describeArguments(
  audit: Audit,
  args: JsonObject,
  { definition }: Subject,
): JsonObject {
  const declared = declaredNames(definition);
  const names = Object.keys(args);
  const keys = names.filter((name) => declared.has(name)).toSorted();
  return {
    ...describeValue(audit, args),
    keys,
    others: names.length - keys.length,
    ...(audit.arguments === 'redacted' && { values: args }),
  };
}

/** A tool declares its arguments in a schema, a prompt in a list. */
function declaredNames(definition: JsonObject): ReadonlySet<JsonValue | undefined> {
  const schema = definition['inputSchema'];
  const properties = isJsonObject(schema) ? schema['properties'] : undefined;
  if (isJsonObject(properties)) return new Set(Object.keys(properties));
  const list = definition['arguments'];
  const entries: readonly JsonValue[] = Array.isArray(list) ? list : [];
  return new Set(entries.map((entry) => (isJsonObject(entry) ? entry['name'] : undefined)));
}

/** What was asked for while nobody knows whether it exists. */
export function requestedName(params: JsonObject): string | undefined {
  const ref = isJsonObject(params['ref']) ? params['ref'] : {};
  return [params['name'], params['uri'], ref['name'], ref['uri']].find(
    (name) => typeof name === 'string',
  );
}

/** The chain of causes as `name: message`; an error's other members may hold anything. */
export function describeCause(cause: unknown): string[] | undefined {
  const lines: string[] = [];
  let at = cause;
  while (at instanceof Error && lines.length < 4) {
    lines.push(`${at.name}: ${at.message}`);
    at = at.cause;
  }
  if (lines.length === 0 && cause !== undefined)
    lines.push(typeof cause === 'string' ? cause : `a thrown ${typeof cause}`);
  return lines.length > 0 ? lines : undefined;
}
