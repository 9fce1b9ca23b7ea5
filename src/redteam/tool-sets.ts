import type { JsonValue } from '../lib/json.ts';
import type { Channel } from '../scan/channel.ts';

/** How the tools of a kind of server bring a text to the model. */
export type ToolSet = {
  /** Absent: the channel of the text itself. */
  readonly channel?: Channel;
  readonly shape: (text: string) => JsonValue;
};

export const TOOL_SETS: Readonly<Record<string, ToolSet>> = {
  files: { shape: (text) => ({ content: [{ type: 'text', text }] }) },
  mail: {
    shape: (text) => ({
      content: [{ type: 'text', text: '2 messages' }],
      structuredContent: {
        messages: [
          { from: 'ana@example.org', subject: 'Tuesday', body: 'The room is booked.' },
          { from: 'news@example.com', subject: 'Report', body: text },
        ],
      },
    }),
  },
  tickets: {
    shape: (text) => ({
      content: [{ type: 'text', text: JSON.stringify([{ id: 7, title: 'Export fails', comments: [text] }]) }],
    }),
  },
  web: {
    channel: 'resource',
    shape: (text) => ({ contents: [{ uri: 'https://example.org/', mimeType: 'text/html', text }] }),
  },
  errors: {
    channel: 'error',
    shape: (text) => ({ code: -32_000, message: `request failed: ${text}` }),
  },
}; // prettier-ignore
