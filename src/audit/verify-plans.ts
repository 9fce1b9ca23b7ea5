import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import { checkStatement } from '../plans/statement.ts';
import { Problem } from './problem.ts';
import type { AuditRecord } from './record.ts';

export type PlanBook = {
  /** Takes one record of a run, in order. Throws `Problem` where a plan was not signed, or a step is of no such plan. */
  readonly note: (file: string, line: number, record: AuditRecord) => void;
};

/** What is remembered of a plan that was validated. */
type Signed = {
  readonly id: JsonValue | undefined;
  readonly caller: string;
  readonly labels: string;
  /** Digest of its steps; undefined where the statement cannot be checked. */
  readonly steps: string | undefined;
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly tools: JsonValue | undefined;
};

/** Between the look at the clock before a step and the time in its record. */
const SLACK_MS = 60_000;

/** What was planned in one run, and whether each step was. A statement stands before all that names it. */
export function createPlanBook(publicKey: () => string | undefined, warnings: string[]): PlanBook {
  const plans = new Map<string, Signed>();

  return {
    note(file, line, record) {
      const { seq, event, plan } = record;
      const why =
        event === 'plan'
          ? noteEvent(file, line, record)
          : isJsonObject(plan) && misstep(record, plan);
      if (typeof why === 'string') throw new Problem(file, why, line, seq);
    },
  };

  /** What is wrong with what became of a plan. */
  function noteEvent(file: string, line: number, record: AuditRecord): string | undefined {
    const { plan: digest, step } = record;
    if (typeof digest !== 'string') return 'the record names no plan';
    if (step === 'validated' || step === 'validated again')
      return noteSigned(file, line, record, digest);
    const known = plans.get(digest);
    if (!known) return 'nobody validated the plan it names';
    if (known.id !== record['id']) return 'the plan it names has another id';
    return known.caller === callerIn(record) ? undefined : 'the plan it names is of another caller';
  }

  function noteSigned(
    file: string,
    line: number,
    record: AuditRecord,
    digest: string,
  ): string | undefined {
    const { id, statement: said, sig, before, tools } = record;
    const earlier = typeof before === 'string' ? plans.get(before) : undefined;
    if (before !== undefined && !earlier) return 'nobody validated the plan that it goes on with';
    const found = checkStatement(said, sig, publicKey() ?? '');
    const signed: Signed = {
      id,
      caller: callerIn(record),
      labels: JSON.stringify(isJsonObject(said) ? said['labels'] : undefined),
      steps: found?.statement.steps,
      expires: (found?.statement.exp ?? Infinity) * 1000,
      tools: tools ?? earlier?.tools,
    };
    plans.set(digest, signed);
    if (!found) {
      if (!isCut(said, sig)) return 'the plan was not signed';
      warnings.push(`${file}, line ${line}: a signed plan that cannot be checked`);
      return undefined;
    }
    const { plan, caller } = found.statement;
    if (!isShownAs(found.digest, digest) || plan !== id)
      return 'the plan is not the one that was signed';
    if (found.digest !== digest)
      warnings.push(`${file}, line ${line}: a secret of the owner's hides a part of a digest`);
    if (JSON.stringify(inOrder(caller)) !== signed.caller) return 'the plan is of another caller';
    return earlier && !goesOn(earlier, signed) ? 'it goes on with another plan' : undefined;
  }

  /** Why a call that says that it is a step of a plan is none. */
  function misstep(record: AuditRecord, step: JsonObject): string | undefined {
    const { digest, labels } = step;
    const known = typeof digest === 'string' ? plans.get(digest) : undefined;
    if (!known) return 'nobody validated the plan that the step is of';
    if (known.caller !== callerIn(record)) return 'the step is of a plan of another caller';
    if (known.labels !== JSON.stringify(labels)) return 'the step has other labels than its plan';
    if (!hasTool(known.tools, record)) return 'the step calls a tool that its plan does not have';
    const isLate = Date.parse(record.time) > known.expires + SLACK_MS;
    return record.event === 'intent' && isLate ? 'the plan of the step was over' : undefined;
  }
}

/** The same plan under other policies: nothing else of it may change. */
function goesOn(before: Signed, after: Signed): boolean {
  return (
    before.id === after.id &&
    before.caller === after.caller &&
    before.labels === after.labels &&
    (before.steps === undefined || before.steps === after.steps) &&
    before.expires >= after.expires
  );
}

function hasTool(tools: JsonValue | undefined, { server, name }: AuditRecord): boolean {
  // A refused step whose tool was not found has neither.
  if (typeof server !== 'string' || typeof name !== 'string' || !Array.isArray(tools)) return true;
  return tools.includes(`${server}/${name}`) || tools.some((tool) => isMore(tool));
}

function callerIn({ caller }: AuditRecord): string {
  return JSON.stringify(isJsonObject(caller) ? inOrder(caller) : []);
}

function inOrder({ issuer, subject, client }: JsonObject): readonly (JsonValue | undefined)[] {
  return [issuer, subject, client];
}

/** Whether a digest is written like this; one of the owner's secrets may happen to be part of it, and that is left out. */
function isShownAs(digest: string, shown: string): boolean {
  const [first = '', ...rest] = shown.split(/\[redacted:[^\]]*\]/u);
  const last = rest.pop();
  if (last === undefined) return shown === digest;
  return (
    digest.length > first.length + last.length && digest.startsWith(first) && digest.endsWith(last)
  );
}

/** One of the owner's secrets may happen to be part of a signature, and no record holds those; long lists are cut. */
function isCut(said: JsonValue | undefined, sig: JsonValue | undefined): boolean {
  const labels = isJsonObject(said) ? said['labels'] : undefined;
  const list: readonly JsonValue[] = Array.isArray(labels) ? labels : [];
  return JSON.stringify([said, sig]).includes('[redacted:') || list.some((label) => isMore(label));
}

/** How the audit says that there was more. */
function isMore(value: JsonValue): boolean {
  return typeof value === 'string' && /^\[(?:\d+ more|cut)\]$/u.test(value);
}
