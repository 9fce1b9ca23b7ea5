import { EXIT } from '../lib/fault.ts';
import { visible } from '../lib/visible.ts';
import { configOf } from './config-of.ts';
import { openApprovals } from './approvals/open-approvals.ts';
import { entryAsJson, showEntry, stateOf } from './approvals/show-entry.ts';
import type { Command } from './command.ts';
import { parseOptions } from './parse-options.ts';
import { columnsOf, isTerminal } from './approvals/answer.ts';

/** For a person alone: a model that lists what waits is not told how to answer. */
const HOW =
  '\nsallyport approve ID lets one of them run once, sallyport deny ID refuses it for an hour\n';

export const command = {
  summary: 'calls that wait for a person to approve them',
  usage: `Usage: sallyport approvals [--all] [--config FILE] [--json]

Lists the calls that wait for an answer, oldest first: who wants to make them, and exactly what would run. Characters that
would be invisible, move the cursor or pass for other letters are spelt out, as \\u202e.

  --all          also those that are answered and have not been called again
  --config FILE  the configuration of the gateway; by default as for sallyport check, without one that of sallyport wrap
  --json         one JSON document: { approvals: [{ id, state, at, expires, traceId, issuer, user, client, method, tool,
                 classes, arguments, labels, notes }] }

sallyport approve ID and sallyport deny ID answer one.

Exit code: 0; 2 wrong use, or a state that cannot be trusted.
`,
  async run(argv, io) {
    const { values } = parseOptions('approvals', argv, {
      all: { type: 'boolean', default: false },
      config: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const { approvals } = openApprovals(await configOf(values.config, io), io);
    const entries = approvals.list().filter((entry) => values.all || stateOf(entry) === 'waiting');
    if (values.json)
      io.stdout.write(`${visible(JSON.stringify({ approvals: entries.map(entryAsJson) }))}\n`);
    else if (entries.length === 0) io.stdout.write('nothing waits for an answer\n');
    else {
      io.stdout.write(entries.map((entry) => showEntry(entry, columnsOf(io))).join('\n'));
      if (isTerminal(io.stdout)) io.stdout.write(HOW);
    }
    return EXIT.ok;
  },
} satisfies Command;
