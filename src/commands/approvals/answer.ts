import { createInterface } from 'node:readline/promises';
import type { Kept } from '../../approvals/approvals.ts';
import { signed, type Decision, type Request } from '../../approvals/statement.ts';
import { openAudit } from '../../audit/audit.ts';
import type { Config } from '../../config/config.ts';
import { accountName } from '../../lib/account.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';
import { stateLayout } from '../../state/layout.ts';
import type { Io } from '../command.ts';
import { parseOptions } from '../parse-options.ts';
import { configOf } from '../config-of.ts';
import { isInsideGateway } from './inside-gateway.ts';
import { openApprovals, type Opened } from './open-approvals.ts';
import { showEntry, stateOf } from './show-entry.ts';

const TOO_LATE = {
  answered: 'somebody else just did',
  spent: 'it was approved before and has run already',
  over: 'it is over',
} as const satisfies Record<Exclude<Kept, 'kept'>, string>;

const QUESTION = { approved: 'May it run, once?', denied: 'Refuse it?' } as const;

/** Answers one request: shows it, asks a person at a terminal to confirm, writes it down, and keeps it for the gateway. */
export async function answer(
  decision: Decision,
  name: string,
  argv: readonly string[],
  io: Io,
): Promise<number> {
  const { values, positionals } = parseOptions(
    name,
    argv,
    { config: { type: 'string' }, yes: { type: 'boolean', default: false } },
    true,
  );
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0)
    throw new Fault(`Cannot ${name}: it takes the id of one request`, {
      hint: 'sallyport approvals lists them',
    });
  if (isInsideGateway())
    throw new Fault(`Cannot ${name}: this runs inside of a server behind a gateway`, {
      hint: 'a person answers, in a terminal of their own',
      exit: EXIT.no,
    });
  const config = await configOf(values.config, io);
  const opened = openApprovals(config, io);
  const entry = opened.approvals.find(id);
  if (!entry || stateOf(entry) === decision || stateOf(entry) === 'denied')
    throw new Fault(
      entry
        ? `Cannot ${name} ${id}: it is ${stateOf(entry)} already`
        : `Cannot ${name} ${visible(id).slice(0, 64)}: no such request waits for an answer`,
      {
        hint: 'sallyport approvals lists them; a gateway with another configuration has its own: --config',
        exit: EXIT.no,
      },
    );
  io.stdout.write(showEntry(entry, columnsOf(io)));
  if (!values.yes && !(await isConfirmed(decision, io))) {
    io.stdout.write('left as it was\n');
    return EXIT.no;
  }
  const until = await keep(opened, config, entry.request, decision, io);
  io.stdout.write(
    decision === 'approved'
      ? `approved: the same call is let through once until ${until}\n`
      : `denied until ${until}\n`,
  );
  return EXIT.ok;
}

/** On disk in the audit before anybody can use it. */
async function keep(
  { approvals, key }: Opened,
  config: Config,
  request: Request,
  decision: Decision,
  io: Io,
): Promise<string> {
  const { id, nonce } = request;
  // What was shown is what is signed; while the person read it, it may have come to its end.
  if (approvals.find(id)?.request.nonce !== nonce)
    throw new Fault(`Cannot answer ${id}: ${TOO_LATE.over}`, { exit: EXIT.no });
  const receipt = approvals.decide(request, decision, 'terminal');
  const { server, name, definition, issuer, subject, client } = request.binding;
  await using audit = await openAudit({
    path: config.audit.path,
    stateKeyPath: stateLayout(config.state.path).auditKey,
    arguments: config.audit.arguments,
    secrets: config.secrets,
    now: () => new Date(),
    onError: (error) => void io.stderr.write(`sallyport: ${visible(error.message)}\n`),
  });
  audit.append('approval', {
    traceId: request.traceId,
    step: decision,
    caller: { issuer, subject, client },
    id,
    nonce,
    server,
    name,
    definition,
    account: accountName(),
    terminal: isAtTerminal(io),
    receipt: signed(receipt, key().sign),
  });
  const kept = approvals.answer(receipt);
  if (kept !== 'kept') throw new Fault(`Cannot answer ${id}: ${TOO_LATE[kept]}`, { exit: EXIT.no });
  return receipt.expires;
}

/**
 * Elsewhere than at a terminal nobody could be asked: the one who wrote the script was. A shell tool of the client is no
 * different from that, which is why the audit says where the answer came from.
 */
async function isConfirmed(decision: Decision, io: Io): Promise<boolean> {
  if (!isAtTerminal(io)) return true;
  const { stdin, stderr } = io;
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const said = await lines.question(`${QUESTION[decision]} [yes/no] `);
    return /^y(?:es)?$/iu.test(said.trim());
  } finally {
    lines.close();
  }
}

export function columnsOf({ stdout }: Io): number {
  return 'columns' in stdout && typeof stdout.columns === 'number' ? stdout.columns : 100;
}

function isAtTerminal({ stdin, stdout }: Io): boolean {
  return isTerminal(stdin) && isTerminal(stdout);
}

export function isTerminal(stream: object): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}
