import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scratch, type Context } from '../support/scratch.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

/** Why tests that need swtpm and tpm2-tools cannot run; `false` where they can. */
export const noTpm: string | false = process.env['SALLYPORT_NO_TPM'] ?? false;

export type SoftwareTpm = {
  readonly tcti: string;
  /** One of tpm2-tools on this TPM; resolves to what it prints. */
  readonly tool: (name: string, ...args: string[]) => Promise<string>;
};

/** A TPM of the test's own, as it is after a start. */
export async function softwareTpm(context: Context): Promise<SoftwareTpm> {
  const folder = await scratch(context);
  const socket = join(folder, 'tpm');
  const child = spawn(
    'swtpm',
    [
      ['socket', '--tpm2', '--tpmstate', `dir=${folder}`],
      // Where the TCTI of swtpm looks for the second one.
      ['--ctrl', `type=unixio,path=${socket}.ctrl`],
      ['--server', `type=unixio,path=${socket}`],
      ['--flags', 'not-need-init,startup-clear'],
    ].flat(),
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  context.after(async () => {
    child.kill();
    await ended;
  });
  const tcti = `swtpm:path=${socket}`;
  const env = { ...process.env, TPM2TOOLS_TCTI: tcti };
  await until(() => existsSync(socket) && existsSync(`${socket}.ctrl`));
  return {
    tcti,
    tool: async (name, ...args) => (await run(name, args, { cwd: folder, env })).stdout,
  };
}
