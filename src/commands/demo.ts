import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, Fault } from '../lib/fault.ts';
import { packageRoot } from '../lib/package-root.ts';
import type { Command } from './command.ts';
import { parseOptions } from './parse-options.ts';

export const command = {
  summary: 'what Sallyport does, on real servers, in a minute',
  usage: `Usage: sallyport demo [--keep]

Starts the gateway over HTTP in front of @modelcontextprotocol/server-everything, @modelcontextprotocol/server-filesystem
and the code sandbox, connects an MCP client as Alice and as Bob, and shows what each may do. In a clone (npm run demo) both
sign in at an identity provider, and a ticket system behind the gateway decides by whose token it is shown; the package
alone has neither, and signs the two tokens itself.

  --keep   leave the folder with the configuration, the policies and the audit

Exit code: 0 every step did what it says, 1 one did not, 3 the servers could not be started.
`,
  async run(argv, io) {
    const { values } = parseOptions('demo', argv, { keep: { type: 'boolean', default: false } });
    const say = (line: string): void => void io.stdout.write(`${line}\n`);
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-demo-'));
    const [
      { bestTier },
      { freePort },
      { openHouse, OWNER },
      { createWorld, createRun, GROUPS },
      { tell },
    ] = await Promise.all([
      import('./demo/best-tier.ts'),
      import('./demo/free-port.ts'),
      import('./demo/house.ts'),
      import('./demo/world.ts'),
      import('./demo/story.ts'),
    ]);
    const best = await bestTier(io);
    const url = new URL(`http://127.0.0.1:${await freePort()}/mcp`);
    await using house = await openHouse(folder, url, GROUPS);
    const world = await createWorld({ folder, best, url, house });
    const program = join(packageRoot(), 'bin', 'sallyport.js');
    const env = { ...io.env, ...(house && { [OWNER]: await house.token('alice') }) };
    const run = createRun(program, world.config, env);
    const servers = ['everything', 'files', ...Object.keys(house?.servers ?? {})];
    say(`Sallyport in front of ${servers.join(', ')} and its own code sandbox (${folder})`);
    if (!house)
      say(
        '    This is the package alone: the demonstration signs the tokens itself. In a clone both sign in, and a ticket system decides by whose token it is shown.',
      );
    const pinned = await run('pin', ...servers.flatMap((name) => ['--accept', name]));
    if (pinned.code !== 0)
      throw new Fault(`Cannot pin the definitions: ${pinned.stderr.trim()}`, {
        exit: EXIT.environment,
      });
    say(`    sallyport pin --accept … → ${pinned.stdout.trim().split('\n').at(-1)}`);
    const gateway = spawn(
      process.execPath,
      [program, 'serve', '--http', world.url.host, '--config', world.config],
      { stdio: ['ignore', 'ignore', 'pipe'], env },
    );
    let log = '';
    gateway.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    try {
      await answering(world.url, gateway);
      await tell(world, run, say);
      say('\nEvery step did what it says.');
      return EXIT.ok;
    } catch (cause) {
      io.stderr.write(log);
      throw new Fault(
        `Cannot finish the demonstration: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause, exit: EXIT.no },
      );
    } finally {
      gateway.kill('SIGTERM');
      if (gateway.exitCode === null) await once(gateway, 'exit');
      if (values.keep) say(`The folder ${folder} stays; look at its files, then remove it.`);
      else await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  },
} satisfies Command;

async function answering(url: URL, gateway: ReturnType<typeof spawn>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline && gateway.exitCode === null) {
    const answer = await fetch(new URL('/healthz', url)).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the gateway did not start');
}
