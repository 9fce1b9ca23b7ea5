type Entry = {
  readonly image: string;
  readonly file: string;
  readonly command: readonly string[];
  /** A file beside the program: name and text. */
  readonly prelude: readonly [string, string];
};

const NONE = ['', ''] as const;
/**
 * What is printed before a time limit must not stay in a buffer. PYTHONUNBUFFERED loses output: it gives up the rest of
 * a write that the pipe took in part, which gVisor's pipes do after 64 KiB.
 */
const FLUSH_LINES = [
  'sitecustomize.py',
  'import sys; sys.stdout.reconfigure(line_buffering=True)',
] as const;

/** The languages a program can be in; a language that is not a key here does not run. */
export const LANGUAGES = {
  python: { image: 'python', file: 'main.py', command: ['python3', '-B'], prelude: FLUSH_LINES },
  javascript: { image: 'node', file: 'main.js', command: ['node'], prelude: NONE },
  bash: { image: 'bash', file: 'main.sh', command: ['bash'], prelude: NONE },
} as const satisfies Record<string, Entry>;

export type Language = keyof typeof LANGUAGES;

export function isLanguage(word: string): word is Language {
  return Object.hasOwn(LANGUAGES, word);
}
