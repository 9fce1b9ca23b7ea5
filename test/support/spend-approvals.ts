/**
 * A process that spends every approval in the state of a folder as fast as it can once it is told to. Prints `ready`, and
 * then the nonces that it got.
 */
import { once } from 'node:events';
import { openDesk } from './desk.ts';

const { approvals } = openDesk(process.argv[2] ?? '');
const requests = approvals.list().map(({ request }) => request);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const got = requests.flatMap((request) => {
  const said = approvals.take(request);
  return typeof said === 'object' && said.decision === 'approved' ? [said.nonce] : [];
});
process.stdout.write(`${JSON.stringify(got)}\n`);
process.stdin.destroy();
