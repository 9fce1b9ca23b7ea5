import type { Channel } from '../../../channel.ts';
import type { Topic } from '../language.ts';
import type { Voice } from '../voice.ts';

/** What a carrier is filled with: paragraphs around the marked span. */
export type Page = {
  readonly before: readonly string[];
  readonly span: string;
  readonly after: readonly string[];
};

/** Writes a document of one kind around the span. The span must appear once, escaped as the format asks. */
export type Layout = (page: Page, voice: Voice) => string;

/** A kind of document. */
export type Register = {
  readonly name: string;
  readonly channels: readonly Channel[];
  /** What its ordinary sentences are about, besides everyday life. */
  readonly filler: readonly Topic[];
  /** Harmless topics at home in it. */
  readonly topics: readonly Topic[];
  readonly layouts: readonly Layout[];
};

export const flow = ({ before, span, after }: Page, gap = '\n\n'): string =>
  [...before, span, ...after].join(gap);

/** On one line, as log lines and fields of tables stand. */
export const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ');

/** Each line after a prefix, as comments stand. */
export const prefixed = (text: string, prefix: string): string =>
  text
    .split('\n')
    .map((line) => prefix + line)
    .join('\n');

/** JSON on one line or on several. */
export const json = (value: unknown, voice: Voice): string =>
  voice.random.chance(0.5) ? JSON.stringify(value) : JSON.stringify(value, null, 2);
