/** One run of one process; a run is one chain, cut into segments `<run>.<number>.jsonl`. */
const NAME = /^((\d{8}T\d{9}Z)-(\d{1,10})-[0-9a-f]{12})\.(\d{4,6})\.jsonl$/;

export type SegmentName = {
  readonly file: string;
  readonly run: string;
  readonly pid: number;
  /** When the run began, ms since 1970. */
  readonly started: number;
  /** From 1. */
  readonly number: number;
};

export function runName(at: Date, pid: number, random: string): string {
  return `${at.toISOString().replaceAll(/[-:.]/g, '')}-${pid}-${random}`;
}

export function segmentFile(run: string, number: number): string {
  return `${run}.${String(number).padStart(4, '0')}.jsonl`;
}

/** Reads a file name; undefined when it is not the one spelling of a segment's name. */
export function parseSegmentName(file: string): SegmentName | undefined {
  const [, run, utc, pid, number] = NAME.exec(file) ?? [];
  if (!run || !utc || segmentFile(run, Number(number)) !== file) return undefined;
  const started = Date.parse(
    utc.replace(/^(....)(..)(..)T(..)(..)(..)(...)Z$/, '$1-$2-$3T$4:$5:$6.$7Z'),
  );
  return { file, run, pid: Number(pid), started, number: Number(number) };
}

/** The segments among the files of a folder, in the order of their runs' beginnings, and within a run by number. */
export function listSegments(files: readonly string[]): SegmentName[] {
  return files
    .map((file) => parseSegmentName(file))
    .filter((name) => name !== undefined)
    .toSorted(compareSegments);
}

function compareSegments(a: SegmentName, b: SegmentName): number {
  if (a.run !== b.run) return a.run < b.run ? -1 : 1;
  return a.number - b.number;
}
