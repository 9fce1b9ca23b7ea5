import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

/** What the servers of `house-server.ts` hold: a secret of nobody's that no detector knows. */
export const HELD = 'the blue heron nests behind the old boathouse 4711';

const text = (value: string): CallToolResult => ({ content: [{ type: 'text', text: value }] });
const PICTURE = Buffer.from('a picture').toString('base64');

const IN_RESULTS: Readonly<Record<string, CallToolResult>> = {
  text: text(HELD),
  structure: { content: [], structuredContent: { held: HELD } },
  'a name in a structure': { content: [], structuredContent: { [HELD]: 1 } },
  'an embedded resource': {
    content: [{ type: 'resource', resource: { uri: 'kept://one', text: HELD } }],
  },
  'a blob': {
    content: [
      {
        type: 'resource',
        resource: { uri: 'kept://one', blob: Buffer.from(HELD).toString('base64') },
      },
    ],
  },
  'a link': {
    content: [{ type: 'resource_link', uri: 'kept://one', name: 'one', description: HELD }],
  },
  'an image with a text beside it': {
    content: [{ type: 'image', data: PICTURE, mimeType: 'image/png', _meta: { title: HELD } }],
  },
  'a sound with a text beside it': {
    content: [{ type: 'audio', data: PICTURE, mimeType: 'audio/wav', _meta: { title: HELD } }],
  },
  'an error of the tool': { ...text(HELD), isError: true },
  '_meta of the result': { ...text('fine'), _meta: { 'example/held': HELD } },
};

/** Where in a result the words can stand, or what comes before one that has none of them. */
export const FORMS = [
  ...Object.keys(IN_RESULTS),
  'a log message before the result',
  'progress before the result',
  'a changed list before the result',
] as const;

export const inForm = (form: string): CallToolResult => IN_RESULTS[form] ?? text('fine');
