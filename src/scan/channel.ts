/** Where a text comes from, as seen by the model. */
export const CHANNELS = [
  'tool-output',
  'tool-description',
  'resource',
  'prompt',
  'error',
  'server-request',
  'instructions',
] as const;
export type Channel = (typeof CHANNELS)[number];

/** Log-odds that an instruction on this channel is an attack, against a tool's output. */
export const PRIORS: Readonly<Record<Channel, number>> = {
  'tool-output': 0,
  resource: 0,
  error: 0,
  'server-request': 0,
  prompt: -0.5,
  // A definition says what a tool does; it has no reason to speak of other tools, people or files.
  'tool-description': 0.5,
  instructions: -0.5,
};
