/** The first thing that a verification found wrong. The message goes on from "FILE, line N: ". */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly file: string;
  /** From 1. */
  readonly line: number | undefined;
  readonly seq: number | undefined;

  constructor(file: string, what: string, line?: number, seq?: number) {
    super(what);
    this.file = file;
    this.line = line;
    this.seq = seq;
  }
}
