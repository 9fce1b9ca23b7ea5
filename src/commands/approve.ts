import { answer } from './approvals/answer.ts';
import type { Command } from './command.ts';

export const command = {
  summary: 'let a call that waits run, once',
  usage: `Usage: sallyport approve ID [--yes] [--config FILE]

Shows the call that waits under this id and approves it: the very same call of the same person is let through once, within
15 minutes, as long as neither the tool's definition nor the policies change. At a terminal it asks first.

  --yes          do not ask
  --config FILE  the configuration of the gateway; by default as for sallyport approvals

Exit code: 0 approved; 1 no such call waits, it is answered already, or the answer was no; 2 wrong use.
`,
  run: async (argv, io) => await answer('approved', 'approve', argv, io),
} satisfies Command;
