import { Fault } from '../lib/fault.ts';

/** Something wrong with a policy, for the person who wrote it. */
export type Problem = {
  readonly file: string;
  readonly line?: number;
  /** Id of the policy. */
  readonly policy?: string;
  readonly what: string;
  readonly hint?: string;
};

/** Policies that do not load, with every problem at once; `problems` is for machines. */
export class PolicyFault extends Fault {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const [first] = problems;
    if (!first) throw new TypeError('Cannot report policy problems: there are none');
    if (problems.length === 1)
      super(
        `Cannot load policies: ${describe(first)}`,
        first.hint === undefined ? {} : { hint: first.hint },
      );
    else
      super(
        `Cannot load policies: ${problems.length} problems\n${problems.map((each) => `  ${describe(each)}${each.hint === undefined ? '' : ` (${each.hint})`}`).join('\n')}`,
      );
    this.problems = problems;
  }
}

function describe({ file, line, policy, what }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return policy === undefined ? `${place}: ${what}` : `${place}: ${policy}: ${what}`;
}
