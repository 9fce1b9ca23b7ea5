import { createCapture } from './capture.ts';

/** Why a file that was asked for did not come. */
export const OUTPUT_ERRORS = ['missing', 'too-large', 'not-a-file', 'unreadable'] as const;

/** A file that a program left. `base64` for what is no plain text. */
export type Output =
  | { readonly text: string }
  | { readonly base64: string }
  | { readonly error: (typeof OUTPUT_ERRORS)[number] };

/** By the paths that were asked for. */
export type Outputs = Readonly<Record<string, Output>>;

/** What the supervisor of a cell sends behind its closing mark. */
export type Handover = {
  /** Takes the next bytes; the answer says whether all has come. */
  write(bytes: Buffer): boolean;
  /** What came; the rest is `unreadable`. */
  outputs(): Outputs;
};

/** The word in the supervisor's mark behind each file; `w`: it is whole. */
const WORDS = { m: 'missing', n: 'not-a-file', u: 'unreadable' } as const;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** What JSON writes with six characters or more is no plain text: a result has to stay small. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\u0008\v\f\u000e-\u001f]/u;

/**
 * Reads the files of `paths`, in this order, at most `limit` bytes in all. The marks between them carry the token of the
 * cell: bytes of a file are never taken for a mark, and a program that reaches the pipe spoils its own files alone.
 */
export function createHandover(paths: readonly string[], limit: number, token: string): Handover {
  const read: Output[] = [];
  let part = createCapture(limit + 1, token);
  let left = limit;
  // The first mark says that whatever was left of the program is dead.
  let isBehindFirst = false;
  let isOver = false;

  function take(): void {
    const { word = '' } = part;
    if (isBehindFirst) read.push(outputOf(word, part.bytes()));
    else isOver = word !== 's';
    isBehindFirst = true;
    isOver ||= read.length === paths.length;
  }

  function outputOf(word: string, bytes: Buffer): Output {
    if (word !== 'w') return { error: isWord(word) ? WORDS[word] : 'unreadable' };
    if (bytes.length > left) return { error: 'too-large' };
    left -= bytes.length;
    return contents(bytes);
  }

  function write(bytes: Buffer): boolean {
    let rest = bytes;
    while (rest.length > 0 && !isOver) {
      const state = part.write(rest);
      // More than the supervisor sends.
      isOver ||= state === 'full';
      if (state !== 'closed') break;
      take();
      ({ rest } = part);
      part = createCapture(limit + 1, token);
    }
    return isOver;
  }

  return {
    write,
    outputs: () =>
      Object.fromEntries(paths.map((path, at) => [path, read[at] ?? { error: 'unreadable' }])),
  };
}

/** What is handed over of a program that was ended: nothing. */
export function noOutputs(paths: readonly string[]): Outputs {
  return Object.fromEntries(paths.map((path) => [path, { error: 'unreadable' }]));
}

/** The tail of a framed program, for the supervisor: bytes that may come of one file, paths, an empty line. */
export function request(paths: readonly string[], limit: number): Buffer {
  const lines = paths.length === 0 ? [''] : [String(limit + 1), ...paths, ''];
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

function contents(bytes: Buffer): Output {
  try {
    const text = utf8.decode(bytes);
    if (!CONTROL.test(text)) return { text };
  } catch {
    // It is none.
  }
  return { base64: bytes.toString('base64') };
}

function isWord(word: string): word is keyof typeof WORDS {
  return Object.hasOwn(WORDS, word);
}
