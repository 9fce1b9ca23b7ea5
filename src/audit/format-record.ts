import { isJsonObject } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import type { AuditRecord } from './record.ts';
import { visible } from '../lib/visible.ts';

const COLUMNS = ['time', 'event', 'user', 'subject', 'outcome', 'trace'] as const;
const WIDTHS = [24, 16, 16, 32, 28, 32] as const;

export function tableHead(): string {
  return `${row(COLUMNS)}\n`;
}

/** One record as one line. What it holds came from outside, so nothing in it reaches the terminal as a command. */
export function tableRow(record: AuditRecord): string {
  return `${row([
    record.time,
    record.event,
    userOf(record) ?? '',
    subjectOf(record),
    outcomeOf(record),
    record.traceId,
  ])}\n`;
}

/** One record as a block of lines, all its members but the links of the chain. */
export function recordBlock(record: AuditRecord): string {
  const head = `${record.time}  ${record.event}\n`;
  const rest = Object.entries(record)
    .filter(([name]) => !['time', 'event', 'prev', 'hash', 'traceId'].includes(name))
    .map(([name, value]) => `  ${visible(name).padEnd(12)} ${visible(plain(value))}\n`);
  return visible(head.trimEnd()) + '\n' + rest.join('');
}

export function userOf({ caller }: AuditRecord): string | undefined {
  const subject = isJsonObject(caller) ? caller['subject'] : undefined;
  return typeof subject === 'string' ? subject : undefined;
}

function subjectOf(record: AuditRecord): string {
  const { server, name, subject, requested } = record;
  if (typeof server === 'string') return typeof name === 'string' ? `${server}/${name}` : server;
  return plain(subject ?? requested);
}

function outcomeOf({ code, verdict, failed, policies, reason, step, id }: AuditRecord): string {
  if (typeof code === 'string') return code;
  if (typeof verdict === 'string') return failed === true ? `${verdict}, an error` : verdict;
  return plain(policies ?? reason ?? step ?? id);
}

function plain(value: JsonValue | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
    ? value.join(' ')
    : JSON.stringify(value);
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, at) => fit(visible(cell), WIDTHS[at] ?? 0))
    .join('  ')
    .trimEnd();
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
