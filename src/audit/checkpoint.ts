import { z } from 'zod';
import { canonicalJson } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';
import { verifySignature } from './key.ts';
import { readCanonical, sha256 } from './record.ts';

/** Root of zero lines. */
export const EMPTY_ROOT = '0'.repeat(64);
const DOMAIN = 'sallyport audit checkpoint v1\n';

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const index = z.number().int().nonnegative();

/** What every line says: "of this file I had read `count` lines, and `root` covers them". */
const common = {
  count: index,
  root: hex64,
  time: z.string(),
  sig: z.string(),
  torn: index.optional(),
};

const firstLine = z.strictObject({ ...common, kind: z.literal('first'), key: hex64 });
const segmentLine = z.strictObject({
  ...common,
  kind: z.enum(['open', 'tick', 'close', 'recover']),
  segment: z.string(),
  seq: index,
  hash: hex64,
  /** `recover` alone: the half record behind the last whole one. */
  tail: z.strictObject({ bytes: index, sha256: hex64 }).optional(),
});
const checkpointLine = z.discriminatedUnion('kind', [firstLine, segmentLine]);

export type Checkpoint = z.infer<typeof checkpointLine>;
export type SegmentCheckpoint = z.infer<typeof segmentLine>;

/** Root of the lines up to and with this one. Covers all lines before it, whoever wrote them. */
export function nextRoot(root: string, line: Buffer): string {
  return sha256(`${root}${line.toString('latin1')}`);
}

export function sealCheckpoint(parts: JsonObject, sign: (text: string) => string): string {
  return `${canonicalJson({ ...parts, sig: sign(DOMAIN + canonicalJson(parts)) })}\n`;
}

/** Reads one line; undefined when it is not a checkpoint in its one spelling. The signature is another question. */
export function readCheckpoint(line: Buffer): Checkpoint | undefined {
  const value = readCanonical(line);
  return value && checkpointLine.safeParse(value).data;
}

/**
 * The segment that a line speaks of, found without reading the line; undefined for the first line and for half a one.
 * Whoever believes it reads the line.
 */
export function segmentOf(line: Buffer): string | undefined {
  const text = line.toString('latin1');
  return text.endsWith('}') ? /"segment":"([^"\\]*)"/.exec(text)?.[1] : undefined;
}

export function isSigned(checkpoint: Checkpoint, publicKey: string): boolean {
  const { sig, ...parts } = checkpoint;
  return verifySignature(publicKey, DOMAIN + canonicalJson(withoutUndefined(parts)), sig);
}

function withoutUndefined(parts: object): JsonObject {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}
