import { EXIT, Fault } from '../lib/fault.ts';
import { visible } from '../lib/visible.ts';

/** Why a bundle is refused. Closed: who watches gateways may count them. */
export type BundleProblem =
  | 'unreadable'
  | 'too-large'
  | 'unsigned'
  | 'malformed'
  | 'other-name'
  | 'not-yet-valid'
  | 'expired'
  | 'rolled-back'
  | 'other-digest'
  | 'not-a-file'
  | 'file-added'
  | 'file-missing'
  | 'file-changed'
  | 'policies';

/** A bundle that is not loaded. */
export class BundleFault extends Fault {
  readonly problem: BundleProblem;
  /** Until when nothing but time is missing; absent: it takes more. */
  readonly until: Date | undefined;

  constructor(
    problem: BundleProblem,
    why: string,
    options: {
      readonly hint?: string | undefined;
      readonly cause?: unknown;
      readonly until?: Date;
    } = {},
  ) {
    const { hint, cause, until } = options;
    super(visible(`Cannot use the policy bundle: ${why}`, '\n'), {
      exit: EXIT.no,
      cause,
      ...(hint === undefined ? {} : { hint }),
    });
    this.problem = problem;
    this.until = until;
  }
}
