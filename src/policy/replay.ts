import * as z from 'zod';
import { CALL_METHODS, CLASSES, type Call, type JsonObject, type PlanStep } from '../call.ts';
import type { AuditRecord } from '../audit/record.ts';
import { isJsonObject } from '../lib/json.ts';
import type { KnownTools } from './policy.ts';
import type { Source } from './sources.ts';

const words = z.array(z.string());

/** What a record of a decided call says of the question that was decided. */
const recorded = z.object({
  time: z.string(),
  method: z.enum(CALL_METHODS),
  session: z.string(),
  caller: z.object({
    issuer: z.string(),
    subject: z.string(),
    client: z.string(),
    groups: words,
    assurance: z.int(),
  }),
  kind: z.enum(['tool', 'resource', 'prompt', 'request']),
  server: z.string(),
  name: z.string(),
  classes: z.array(z.enum(CLASSES)),
  dataClass: z.int(),
  source: words,
  sink: words,
  pin: z.enum(['match', 'drift', 'unpinned']),
  reviewed: z.boolean(),
  asHandle: z.boolean().optional(),
  labels: words,
  escalation: z.int(),
  plan: z
    .object({
      digest: z.string(),
      step: z.int(),
      isRun: z.boolean(),
      labels: words,
      argLabels: words,
      fromUntrusted: z.array(z.enum(['text', 'numbers'])),
    })
    .optional(),
  arguments: z
    .object({
      bytes: z.int(),
      values: z.unknown().optional(),
      toTrustedHosts: z.boolean().optional(),
    })
    .optional(),
});

/** A call as it was recorded, and when. */
export type Replayed = {
  readonly at: Date;
  readonly call: Call;
  /**
   * Its arguments were kept, without credentials and cut where they are long, and its tool is known. Else they are only as
   * long as they were.
   */
  readonly isWhole: boolean;
};

/** Whether policies look at more of a call than what every record has. */
export function looksBeyondSize({ text }: Pick<Source, 'text'>): boolean {
  return /\bcontext\b(?!\s*\.\s*(?:session|req|pep|plan|facts\s*\.\s*(?:bytes|toTrustedHosts))\b|\s+has\s+plan\b)/u.test(
    text,
  );
}

/** Records that follow a decision; one call has one of them. */
const DECIDED = new Set(['intent', 'denial']);

/**
 * The call that a record tells of; undefined where it tells of none, or of one that was refused before it was decided.
 * What the audit does not keep is as in a fresh session: the count of calls, scopes, the age of the sign-in. The definition
 * of a tool is the one that is accepted now.
 */
export function replayOf(record: AuditRecord, known: KnownTools): Replayed | undefined {
  if (!DECIDED.has(record.event)) return undefined;
  const parsed = recorded.safeParse(record);
  if (!parsed.success) return undefined;
  const { time, method, session, caller, labels, escalation, plan, ...subject } = parsed.data;
  const { bytes = 0, values, toTrustedHosts = false } = subject.arguments ?? {};
  const definition = known.get(`${method}:${subject.server}/${subject.name}`);
  const args = isJsonObject(values) ? values : undefined;
  const { kind, server, name, classes, dataClass, source, sink, pin, reviewed } = subject;
  const { asHandle = false } = subject;
  return {
    at: new Date(time),
    isWhole: args !== undefined && (definition !== undefined || method !== 'tools/call'),
    call: {
      traceId: record.traceId,
      id: 0,
      method,
      session: {
        id: session,
        caller: { ...caller, scopes: [] },
        labels: new Set(labels),
        escalation,
        calls: 0,
        ...(plan && { step: stepOf(plan) }),
        addLabels: () => undefined,
        escalate: () => undefined,
        countCall: () => undefined,
      },
      subject: {
        kind,
        server,
        name,
        classes,
        dataClass,
        source,
        sink,
        pin,
        reviewed,
        asHandle,
        hash: '',
        definition: definition ?? {},
      },
      params: {},
      args: args ?? argumentsOf(bytes),
      toTrusted: toTrustedHosts,
    },
  };
}

function stepOf({
  digest,
  step,
  isRun,
  ...had
}: NonNullable<z.output<typeof recorded>['plan']>): PlanStep {
  return {
    plan: digest,
    number: step,
    isRun,
    labels: new Set(had.labels),
    argLabels: new Set(had.argLabels),
    fromUntrusted: new Set(had.fromUntrusted),
  };
}

/** `{}` with one text in it, so that the whole has this size as JSON. */
function argumentsOf(bytes: number): JsonObject {
  const empty = '{"x":""}'.length;
  return bytes < empty ? {} : { x: 'x'.repeat(bytes - empty) };
}
