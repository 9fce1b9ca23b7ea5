const EDGE = 0x1e;
/** The longest word and the closing edge. */
const TAIL = 4;

/** One output of a program, held up to a limit, and the supervisor's closing mark on it: a token and a word. */
export type Capture = {
  /** Takes the next bytes; the answer says whether more may come. */
  write(chunk: Buffer): 'open' | 'closed' | 'full';
  /** The word in the closing mark; absent without one. */
  readonly word: string | undefined;
  /** The word as the program's exit code. */
  readonly exitCode: number | undefined;
  /** Of the chunk that closed it, what stands behind the mark. */
  readonly rest: Buffer;
  /** Whether it wrote more than the limit. */
  readonly truncated: boolean;
  /** What the program wrote, at most `limit` bytes; bytes that are not UTF-8 read U+FFFD. */
  text(): string;
  /** The same as bytes. */
  bytes(): Buffer;
};

/**
 * Bytes come in pieces of any size. The mark carries a token that the program never gets, so a mark it makes up is output.
 */
export function createCapture(limit: number, token: string): Capture {
  const mark = Buffer.from(`${String.fromCharCode(EDGE)}${token} `);
  const held = Buffer.alloc(limit + mark.length + TAIL);
  let length = 0;
  let word: string | undefined;
  let rest: Buffer = Buffer.alloc(0);
  let end: number | undefined;

  function write(chunk: Buffer): 'open' | 'closed' | 'full' {
    if (end !== undefined) return word === undefined ? 'full' : 'closed';
    const from = Math.max(0, length - mark.length - TAIL);
    const before = length;
    length += chunk.copy(held, length);
    const at = held.subarray(0, length).indexOf(mark, from);
    const close = at === -1 ? -1 : held.subarray(0, length).indexOf(EDGE, at + mark.length);
    if (close !== -1) {
      word = held.toString('latin1', at + mark.length, close);
      end = at;
      rest = chunk.subarray(close + 1 - before);
      return 'closed';
    }
    if (length < held.length) return 'open';
    end = length;
    return 'full';
  }

  return {
    write,
    get word() {
      return word;
    },
    get exitCode() {
      return word === undefined ? undefined : Number(word);
    },
    get rest() {
      return rest;
    },
    get truncated() {
      return (end ?? length) > limit;
    },
    text: () => held.toString('utf8', 0, Math.min(end ?? length, limit)),
    bytes: () => held.subarray(0, Math.min(end ?? length, limit)),
  };
}
