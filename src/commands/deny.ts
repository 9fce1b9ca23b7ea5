import { answer } from './approvals/answer.ts';
import type { Command } from './command.ts';

export const command = {
  summary: 'refuse a call that waits',
  usage: `Usage: sallyport deny ID [--yes] [--config FILE]

Refuses the call that waits under this id: the very same call is refused for an hour without asking again. It also takes an
approval back that was not used yet. At a terminal it asks first.

  --yes          do not ask
  --config FILE  the configuration of the gateway; by default as for sallyport approvals

Exit code: 0 denied; 1 no such call waits, it is denied already, or the answer was no; 2 wrong use.
`,
  run: async (argv, io) => await answer('denied', 'deny', argv, io),
} satisfies Command;
