import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { createConfig } from '../config/load.ts';
import { machineOf, stateHome } from '../config/places.ts';
import { Fault } from '../lib/fault.ts';
import { serveGateway } from '../serve-gateway.ts';
import { makePrivateFolder } from '../state/private-file.ts';
import type { Command } from './command.ts';
import { parseOptions } from './parse-options.ts';
import { LEVELS, logOf } from './serve.ts';
import { wrappedName } from './wrapped-name.ts';

export const command = {
  summary: 'the gateway in front of one stdio server, no configuration file',
  usage: `Usage: sallyport wrap [OPTIONS] -- COMMAND [ARG…]

Puts the gateway in front of one stdio server, which keeps its names; a client starts it in place of that server. What it
offers is trusted as first seen and held back when it changes. Reading passes, everything else asks the person behind the
client; where the client cannot ask, sallyport approvals does in another terminal.

  --policy FILE|DIR    your own policies instead of the personal set; may be repeated
  --user NAME          who is calling; by default the account that runs it
  --group NAME         a group of that user; may be repeated
  --sandbox            run the server in a gVisor sandbox: it sees no file but those of --mount, and no network
  --image IMAGE        what it runs in; by default sallyport/node, for Python sallyport/python
  --mount DIR[:rw]     a folder that it sees under the same path, read-only without :rw; may be repeated
  --env NAME[=VALUE]   a variable for the server, without a value the one of this process; may be repeated. Others than
                       HOME, PATH, LANG and the like are not passed on
  --log-level LEVEL    ${LEVELS.join(', ')} (default info)

Exit code: 0 the client has gone or a signal came, 2 wrong use, 3 the environment lacks something.
`,
  async run(argv, io) {
    const end = argv.indexOf('--');
    const [program, ...args] = end === -1 ? [] : argv.slice(end + 1);
    if (program === undefined)
      throw new Fault('Cannot wrap a server: no command is given', {
        hint: 'sallyport wrap -- npx -y @modelcontextprotocol/server-everything',
      });
    const { values } = parseOptions('wrap', argv.slice(0, end), {
      policy: { type: 'string', multiple: true },
      user: { type: 'string' },
      group: { type: 'string', multiple: true },
      env: { type: 'string', multiple: true },
      sandbox: { type: 'boolean' },
      image: { type: 'string' },
      mount: { type: 'string', multiple: true },
      'log-level': { type: 'string' },
    });
    const sandbox = sandboxOf(values, { program, cwd: io.cwd });
    const name = wrappedName(program, args);
    const state = stateHome(machineOf(io.env));
    // Two wrapped servers must not share pins, and the same one finds its own again.
    const folder = join(state, 'wrapped', `${name}-${digest([program, ...args, io.cwd])}`);
    for (const part of [state, join(state, 'wrapped'), folder]) makePrivateFolder(part);
    const config = createConfig(
      {
        mcpServers: {
          [name]: {
            command: program,
            args,
            env: variables(values.env ?? [], io.env),
            ...(sandbox ? { sandbox } : { cwd: io.cwd }),
          },
        },
        identity: identityOf(values.user, values.group),
        ...(values.policy === undefined ? {} : { policy: { path: values.policy } }),
        catalogue: { lock: join(folder, 'sallyport.lock.json'), onNew: 'pin' },
      },
      { folder: io.cwd, env: io.env },
    );
    return await serveGateway({
      config,
      io,
      http: undefined,
      single: true,
      log: logOf(config, io, values['log-level']),
    });
  },
} satisfies Command;

type Given = {
  readonly sandbox?: boolean | undefined;
  readonly image?: string | undefined;
  readonly mount?: readonly string[] | undefined;
};

function sandboxOf(
  { sandbox, image, mount = [] }: Given,
  { program, cwd }: { readonly program: string; readonly cwd: string },
): object | undefined {
  if (sandbox !== true) {
    if (image === undefined && mount.length === 0) return undefined;
    throw new Fault('Cannot wrap a server: --image and --mount are for --sandbox');
  }
  return {
    image: image ?? `sallyport/${program.startsWith('python') ? 'python' : 'node'}`,
    mounts: mount.map((written) => {
      const [, folder = '', mode] = /^(.+?)(:rw)?$/su.exec(written) ?? [];
      const host = resolve(cwd, folder);
      return { host, path: host, readOnly: mode === undefined };
    }),
  };
}

function identityOf(user: string | undefined, groups: readonly string[] | undefined): object {
  if (user === undefined && groups === undefined) return {};
  return {
    stdio: { ...(user === undefined ? {} : { user }), ...(groups === undefined ? {} : { groups }) },
  };
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

function variables(given: readonly string[], env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      const name = at === -1 ? text : text.slice(0, at);
      const value = at === -1 ? env[name] : text.slice(at + 1);
      if (name === '' || value === undefined)
        throw new Fault(`Cannot pass ${text} on: it has no value here`);
      return [name, value];
    }),
  );
}
