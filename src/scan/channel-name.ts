import { CHANNELS, type Channel } from './channel.ts';

/** Names used by data sets for what we call otherwise. */
const ALIASES: Readonly<Record<string, Channel>> = {
  document: 'resource',
  'user-prompt': 'prompt',
};

/** The channel of this name, spelt with `-` or `_`. */
export function channelNamed(name: string): Channel | undefined {
  const spelled = name.replaceAll('_', '-');
  return (
    CHANNELS.find((channel) => channel === spelled) ??
    (Object.hasOwn(ALIASES, spelled) ? ALIASES[spelled] : undefined)
  );
}
