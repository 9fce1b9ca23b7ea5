import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import { hostsIn } from '../policy/facts/hosts.ts';
import { leavesOf } from '../policy/facts/leaves.ts';
import { recipientsIn } from '../policy/facts/recipients.ts';
import { readLines } from './lines.ts';
import { readRecord, type AuditRecord } from './record.ts';
import { listSegments } from './segment-name.ts';

/** Whose doings are asked about; everything named must be so. */
export type RadiusScope = {
  readonly session: string | undefined;
  readonly user: string | undefined;
  /** `server/name`, of a prompt or resource as well. */
  readonly tool: string | undefined;
  /** Milliseconds since 1970. */
  readonly since: number;
};

/** What was done with one tool, prompt or resource. */
export type Reached = {
  readonly subject: string;
  /** Calls that were sent. */
  sent: number;
  answered: number;
  /** Answers that were errors. */
  failed: number;
  /** Answers in which the detector found something. */
  marked: number;
  withheld: number;
  /** Refused calls, by code. */
  readonly refused: Record<string, number>;
  /** Bytes of arguments that were sent, and of results that came, as canonical JSON. */
  bytesOut: number;
  bytesIn: number;
  readonly classes: Set<string>;
  /** What its results carry. */
  readonly source: Set<string>;
  readonly sink: Set<string>;
  first: string;
  last: string;
};

export type CallerOf = { readonly issuer: string; readonly user: string; readonly client: string };

export type Radius = {
  readonly sessions: Set<string>;
  readonly users: Set<string>;
  readonly clients: Set<string>;
  /** Who called with which client: each of them did. */
  readonly callers: Map<string, CallerOf>;
  readonly servers: Set<string>;
  /** Labels that sessions were given by these calls. */
  readonly labels: Set<string>;
  /** Connections of code in sandboxes, and hosts in arguments where the audit keeps their values. */
  readonly hosts: Map<string, number>;
  readonly recipients: Map<string, number>;
  readonly reached: Map<string, Reached>;
  /** Calls whose arguments are digests alone: whom they wrote to is not known. */
  unread: number;
  /** More different things than are told apart. */
  isCut: boolean;
};

/** Names of one kind that are told apart: a flood of them must not fill the memory. */
const MOST = 10_000;
/** Calls whose connections are looked for. */
const MOST_TRACES = 200_000;

/**
 * What was reached, read and sent, of the first `records` of each run: those that are verified. Constant memory but for
 * the names of what was reached.
 */
export function blastRadius(
  folder: string,
  runs: ReadonlyMap<string, number>,
  scope: RadiusScope,
): Radius {
  const radius: Radius = {
    sessions: new Set(),
    users: new Set(),
    clients: new Set(),
    callers: new Map(),
    servers: new Set(),
    labels: new Set(),
    hosts: new Map(),
    recipients: new Map(),
    reached: new Map(),
    unread: 0,
    isCut: false,
  };
  const traces = new Set<string>();
  for (const { file, run } of listSegments(readdirSync(folder))) {
    const records = runs.get(run) ?? 0;
    for (const { bytes, ended } of readLines(join(folder, file))) {
      const record = ended ? readRecord(bytes) : '';
      if (typeof record === 'string' || record.seq >= records) break;
      note(record);
    }
  }
  return radius;

  function note(record: AuditRecord): void {
    const { event, traceId } = record;
    const isEarlier = Date.parse(record.time) < scope.since;
    if (event === 'egress') {
      if (!isEarlier && traces.has(traceId)) noteEgress(record);
    } else if (
      (event === 'intent' || event === 'outcome' || event === 'denial') &&
      isMeant(record)
    ) {
      // What began earlier may connect later.
      if (event === 'intent') follow(traceId);
      else if (isEarlier) traces.delete(traceId);
      if (!isEarlier) noteCall(record);
    }
  }

  function follow(traceId: string): void {
    if (traces.size < MOST_TRACES) traces.add(traceId);
    else radius.isCut = true;
  }

  function isMeant(record: AuditRecord): boolean {
    const { session, user, tool } = scope;
    return (
      (session === undefined || record['session'] === session) &&
      (user === undefined || memberOf(record['caller'], 'subject') === user) &&
      (tool === undefined || subjectOf(record) === tool)
    );
  }

  function noteCall(record: AuditRecord): void {
    add(radius.sessions, record['session']);
    add(radius.users, memberOf(record['caller'], 'subject'));
    add(radius.clients, memberOf(record['caller'], 'client'));
    noteCaller(record['caller']);
    const row = rowOf(subjectOf(record), record.time);
    if (row === undefined) return;
    row.last = record.time > row.last ? record.time : row.last;
    if (record.event === 'intent') noteIntent(record, row);
    else if (record.event === 'outcome') noteOutcome(record, row);
    else noteDenial(record, row);
  }

  function noteCaller(caller: JsonValue | undefined): void {
    const [issuer, user, client] = ['issuer', 'subject', 'client'].map((name) => {
      const value = memberOf(caller, name);
      return typeof value === 'string' ? value : '';
    });
    if (issuer === undefined || user === undefined || client === undefined) return;
    const key = JSON.stringify([issuer, user, client]);
    if (radius.callers.size < MOST) radius.callers.set(key, { issuer, user, client });
    else radius.isCut ||= !radius.callers.has(key);
  }

  function noteIntent(record: AuditRecord, row: Reached): void {
    row.sent++;
    add(radius.servers, record['server']);
    for (const name of ['classes', 'source', 'sink'] as const) addAll(row[name], record[name]);
    const args = record['arguments'];
    row.bytesOut += numberOf(memberOf(args, 'bytes'));
    const values = memberOf(args, 'values');
    if (isJsonObject(values)) noteArguments(values);
    else if (numberOf(memberOf(args, 'bytes')) > 2) radius.unread++;
  }

  function noteArguments(values: JsonObject): void {
    const leaves = leavesOf(values);
    for (const host of hostsIn(leaves)) count(radius.hosts, host);
    for (const address of recipientsIn(leaves).addresses) count(radius.recipients, address);
  }

  function noteOutcome(record: AuditRecord, row: Reached): void {
    row.answered++;
    if (record['failed'] === true) row.failed++;
    if (record['verdict'] === 'mark') row.marked++;
    row.bytesIn += numberOf(memberOf(record['answered'], 'bytes'));
    addAll(radius.labels, record['labelsAdded']);
  }

  function noteEgress({ step, to }: AuditRecord): void {
    if (step === 'opened' && typeof to === 'string') count(radius.hosts, to);
  }

  function rowOf(subject: string, time: string): Reached | undefined {
    const known = radius.reached.get(subject);
    if (known !== undefined) return known;
    if (radius.reached.size >= MOST) {
      radius.isCut = true;
      return undefined;
    }
    const row: Reached = {
      subject,
      sent: 0,
      answered: 0,
      failed: 0,
      marked: 0,
      withheld: 0,
      refused: {},
      bytesOut: 0,
      bytesIn: 0,
      first: time,
      last: time,
      classes: new Set(),
      source: new Set(),
      sink: new Set(),
    };
    radius.reached.set(subject, row);
    return row;
  }

  function add(set: Set<string>, value: JsonValue | undefined): void {
    if (typeof value !== 'string') return;
    if (set.size < MOST) set.add(value);
    else radius.isCut ||= !set.has(value);
  }

  function addAll(set: Set<string>, values: JsonValue | undefined): void {
    const list: readonly JsonValue[] = Array.isArray(values) ? values : [];
    for (const value of list) add(set, value);
  }

  function count(map: Map<string, number>, name: string): void {
    if (map.size < MOST || map.has(name)) map.set(name, (map.get(name) ?? 0) + 1);
    else radius.isCut = true;
  }
}

function noteDenial({ code }: AuditRecord, row: Reached): void {
  if (typeof code !== 'string') return;
  row.refused[code] = (row.refused[code] ?? 0) + 1;
  if (code === 'output-withheld') row.withheld++;
}

/** What nobody could find is named by nobody: a name that a model made up may be anything. */
function subjectOf({ server, name }: AuditRecord): string {
  return typeof server === 'string'
    ? `${server}/${typeof name === 'string' ? name : ''}`
    : '(none)';
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}

const numberOf = (value: JsonValue | undefined): number => (typeof value === 'number' ? value : 0);
