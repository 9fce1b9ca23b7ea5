/** All that code inside the engine can ask of the process around it: texts and numbers, nothing by reference. */
export type Host = {
  /** Writes text, at most `PIECE` characters of it. */
  write(stream: 1 | 2, text: string): void;
  /** Writes U+0000, at which texts on their way out of the engine end. */
  writeZero(stream: 1 | 2): void;
  /** Ends the program. */
  exit(code: number): never;
  /** Compiles a script and runs it; the value of its last statement. Throws what it throws. */
  runScript(source: string, name: string): unknown;
};

/** What a program is started with. */
export type Given = {
  readonly stdin: string;
  /** Path below the working folder → text. */
  readonly files: Readonly<Record<string, string>>;
};

/** What the process around it asks of code inside. */
export type Guest = {
  /** Milliseconds until the next timer; -1 without one. */
  wait(): number;
  /** Runs the timers that are due. */
  tick(): void;
  exitCode(): number;
  /** Source of an ES module. Throws for one that is not here. */
  moduleSource(name: string): string;
  moduleName(base: string, name: string): string;
  /** An uncaught error as text for stderr. */
  describe(error: unknown): string;
  /** After the program's end: bytes of a file below the working folder, counted to `most`; -1: none, -2: a folder. */
  size(path: string, most: number): number;
  /** Some bytes of that file from `at` on, in base64. */
  piece(at: number): string;
};

const PIECE = 16_384;

/** Writes text of any length. */
export function writeAll(host: Host, stream: 1 | 2, text: string): void {
  const parts = text.split('\0');
  for (const [at, part] of parts.entries()) {
    if (at > 0) host.writeZero(stream);
    writePieces(host, stream, part);
  }
}

function writePieces(host: Host, stream: 1 | 2, text: string): void {
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + PIECE, text.length);
    // Half a character is written as none.
    if (end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1))) end++;
    host.write(stream, text.slice(at, end));
    at = end;
  }
}
