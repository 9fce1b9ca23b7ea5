import type { Entry } from '../../approvals/approvals.ts';
import { behindBar } from '../../approvals/show.ts';
import { unmistakable } from '../../approvals/unmistakable.ts';
import type { JsonObject } from '../../lib/json.ts';

/** How a request stands. */
export function stateOf({ receipt }: Entry): 'waiting' | 'approved' | 'denied' {
  return receipt?.decision ?? 'waiting';
}

/** One request for a terminal of `columns`: what is the caller's or the model's stands behind a bar. */
export function showEntry(entry: Entry, columns: number): string {
  const { request, receipt } = entry;
  const { binding, shown } = request;
  const { issuer, subject, client } = binding;
  const state = stateOf(entry);
  const rows: [string, string][] = [
    ['run', `${binding.server}/${binding.name}`],
    ...(binding.method === 'tools/call' ? [] : [['method', binding.method] as [string, string]]),
    ['for', `${subject} (${issuer === client ? issuer : `${issuer}, ${client}`})`],
    ['classes', shown.classes.join(', ')],
    ['arguments', shown.arguments],
    ...(shown.labels.length > 0
      ? [['has read', `${shown.labels.join(', ')} data`] as [string, string]]
      : []),
    ...shown.notes.map((note): [string, string] => ['note', note]),
  ];
  const until = receipt?.expires ?? request.expires;
  const head = `${request.id}  ${state} until ${until}, asked ${request.at}`;
  const body = rows.map(([name, value]) =>
    behindBar(`${name}: ${unmistakable(value)}`, Math.min(columns, 120)),
  );
  return `${head}\n${body.join('')}`;
}

/** The same for a program. */
export function entryAsJson(entry: Entry): JsonObject {
  const { request, receipt } = entry;
  const { id, at, expires, traceId, binding, shown } = request;
  return {
    id,
    state: stateOf(entry),
    at,
    expires: receipt?.expires ?? expires,
    traceId,
    issuer: binding.issuer,
    user: binding.subject,
    client: binding.client,
    method: binding.method,
    tool: `${binding.server}/${binding.name}`,
    ...shown,
  };
}
