import { EXIT, Fault } from '../lib/fault.ts';

export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong; line and column are 1-based and point at the key. */
export type ConfigProblem = {
  /** `mcpServers.files.args[0]`; empty for the whole document. */
  readonly key: string;
  /** `Cannot use KEY: WHY`. */
  readonly message: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
};

/** Everything that is wrong with one configuration, in one go. */
export class ConfigFault extends Fault {
  readonly problems: readonly ConfigProblem[];

  constructor(file: string | undefined, problems: readonly ConfigProblem[]) {
    const what = file === undefined ? 'the configuration' : file;
    const lines = problems.map((problem) => `\n  ${place(problem)}${problem.message}`);
    const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`;
    super(`Cannot use ${what}: ${count}${lines.join('')}`, {
      exit: EXIT.usage,
      hint: 'sallyport.example.yaml in the package shows every key',
    });
    this.problems = problems;
  }
}

function place({ line, column }: ConfigProblem): string {
  return line === undefined ? '' : `${line}:${column} `;
}

export function keyOf(path: ConfigPath): string {
  let key = '';
  for (const step of path)
    key += typeof step === 'number' ? `[${step}]` : key === '' ? step : `.${step}`;
  return key;
}
