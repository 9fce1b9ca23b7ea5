/** What may be sent, by whom, and what happens to it. A method that is not here is refused. */

/** Requests of the client. `decide`: the whole pipeline; `filter`: a list cut to what the caller may use. */
export const CLIENT_REQUESTS = {
  initialize: 'open',
  ping: 'answer',
  'tools/list': 'filter',
  'resources/list': 'filter',
  'resources/templates/list': 'filter',
  'prompts/list': 'filter',
  'tools/call': 'decide',
  'resources/read': 'decide',
  'prompts/get': 'decide',
  'completion/complete': 'decide',
  'resources/subscribe': 'subscribe',
  'resources/unsubscribe': 'subscribe',
  'logging/setLevel': 'broadcast',
  'tasks/get': 'task',
  'tasks/result': 'task',
  'tasks/list': 'task',
  'tasks/cancel': 'task',
} as const satisfies Record<string, string>;

/** Requests of a modern client (2026-07-28). `pass`: to the router, in the words of the table above; `task`: of the extension. */
export const MODERN_CLIENT_REQUESTS = {
  'server/discover': 'discover',
  'subscriptions/listen': 'listen',
  'tools/list': 'pass',
  'resources/list': 'pass',
  'resources/templates/list': 'pass',
  'prompts/list': 'pass',
  'tools/call': 'pass',
  'resources/read': 'pass',
  'prompts/get': 'pass',
  'completion/complete': 'pass',
  'tasks/get': 'task',
  'tasks/update': 'task',
  'tasks/cancel': 'task',
} as const satisfies Record<string, string>;

/** Notifications of the client. `relay`: to every upstream; `answer`: for the gateway itself. */
export const CLIENT_NOTIFICATIONS = {
  'notifications/initialized': 'answer',
  'notifications/cancelled': 'cancel',
  'notifications/progress': 'progress',
  'notifications/roots/list_changed': 'relay',
} as const satisfies Record<string, string>;

/** What a server may ask of the client; each needs the capability the client declared. */
export const SERVER_REQUESTS = {
  ping: 'answer',
  'sampling/createMessage': 'decide',
  'elicitation/create': 'decide',
  'roots/list': 'decide',
} as const satisfies Record<string, string>;

export const SERVER_NOTIFICATIONS = {
  'notifications/message': 'scan',
  'notifications/progress': 'progress',
  'notifications/cancelled': 'cancel',
  'notifications/resources/updated': 'updated',
  'notifications/resources/list_changed': 'relist',
  'notifications/tools/list_changed': 'relist',
  'notifications/prompts/list_changed': 'relist',
  'notifications/elicitation/complete': 'relay',
  'notifications/tasks/status': 'task',
} as const satisfies Record<string, string>;

/** Legacy protocol versions, newest first; the newest is offered when the client asks for an unknown one. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** The row of `method` in one of the tables above, `undefined` where there is none. */
export function treatment<T extends Readonly<Record<string, string>>>(
  table: T,
  method: string,
): T[keyof T] | undefined {
  // Object.hasOwn: a method called `constructor` must not find Object's own.
  return Object.hasOwn(table, method) ? table[method as keyof T] : undefined;
}
