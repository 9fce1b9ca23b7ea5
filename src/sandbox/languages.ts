type Entry = {
  readonly image: string;
  readonly file: string;
  readonly command: readonly string[];
  /** How its programs find the way out, where there is one: a command that runs beside them, and their environment. */
  readonly egress: { readonly shim: string; readonly env: readonly string[] };
  /** The file of `sandbox-images/hooks` that its interpreter reads before the program, and how it comes to read it. */
  readonly hook: { readonly file: string; readonly env: readonly string[] };
};

/** Where the supervisor lays out the program and the hook. */
export const PROGRAM_FOLDER = '/tmp/program';

const PROXY = 'http://127.0.0.1:3128';
/** Clients disagree about upper and lower case. What a program serves itself is not asked of a proxy. */
const PROXY_ENV = [
  ...['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].map((name) => `${name}=${PROXY}`),
  'no_proxy=127.0.0.1,localhost',
];

/** The languages a program can be in; a language that is not a key here does not run. */
export const LANGUAGES = {
  python: {
    image: 'python',
    file: 'main.py',
    command: ['python3', '-B'],
    egress: { shim: 'python3 -IS /run/egress/shim.py', env: PROXY_ENV },
    hook: { file: 'sitecustomize.py', env: [] },
  },
  javascript: {
    image: 'node',
    file: 'main.js',
    command: ['node', '--require', `${PROGRAM_FOLDER}/hook.cjs`],
    // Node 20 has no fetch that knows proxies.
    egress: { shim: '', env: ['NODE_OPTIONS=--require=/run/egress/preload.cjs'] },
    hook: { file: 'hook.cjs', env: [] },
  },
  bash: {
    image: 'bash',
    file: 'main.sh',
    command: ['bash'],
    egress: { shim: 'bash /run/egress/shim.sh', env: PROXY_ENV },
    hook: { file: 'hook.sh', env: [`BASH_ENV=${PROGRAM_FOLDER}/hook.sh`] },
  },
} as const satisfies Record<string, Entry>;

export type Language = keyof typeof LANGUAGES;

export function isLanguage(word: string): word is Language {
  return Object.hasOwn(LANGUAGES, word);
}
