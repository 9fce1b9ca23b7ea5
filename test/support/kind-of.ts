import type { CallMethod, Subject } from '../../src/call.ts';

/** What each method is about. */
export const KIND_OF = {
  'tools/call': 'tool',
  'resources/read': 'resource',
  'prompts/get': 'prompt',
  'completion/complete': 'prompt',
  'sampling/createMessage': 'request',
  'elicitation/create': 'request',
  'roots/list': 'request',
} as const satisfies Record<CallMethod, Subject['kind']>;
