import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CHANNELS, type Channel } from '../channel.ts';

/** One text of a corpus: `*.jsonl` or `*.jsonl.gz`, one such object a line. */
export type Row = {
  readonly id: string;
  readonly source: string;
  readonly license: string;
  readonly kind: 'injection' | 'benign';
  readonly channel: string;
  readonly text: string;
  readonly meta: {
    readonly attack?: string;
    readonly explicit?: boolean;
    readonly payload?: string;
    readonly project?: string;
    readonly lang?: string;
    readonly probe?: string;
    /** Where the attack stands, when that is known. */
    readonly start?: number;
    readonly end?: number;
  };
};

/** Every text of some folders, in the order of the names of the files. */
export function readCorpora(folders: readonly string[]): Row[] {
  const files = folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => /\.jsonl(?:\.gz)?$/.test(path))
    .toSorted((a, b) => (basename(a) < basename(b) ? -1 : 1));
  if (files.length === 0)
    throw new TypeError(`Cannot read corpora: no *.jsonl.gz in ${folders.join(', ')}`);
  return files.flatMap(readCorpus);
}

/** Every text of one file. */
export function readCorpus(path: string): Row[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return (
    text
      .split('\n')
      .filter((line) => line !== '')
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file format
      .map((line) => JSON.parse(line) as Row)
  );
}

/** The channel that a text of a corpus would come by. */
export function channelOf({ channel }: Row): Channel {
  const spelled = channel.replaceAll('_', '-');
  return (
    CHANNELS.find((known) => known === spelled) ??
    (channel === 'document' ? 'resource' : 'tool-output')
  );
}
