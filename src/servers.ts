import type { Log } from './audit/log.ts';
import type { OwnServer } from './catalogue/own-servers.ts';
import type { Config, ServerConfig, StdioServerConfig } from './config/config.ts';
import type { UpstreamSpec } from './gate.ts';
import type { OpenChannel } from './wire/channel.ts';
import { createLastWill, type LastWill } from './wire/last-will.ts';
import {
  openHttpChannel,
  type HttpChannelOptions,
} from './wire/http-upstream/open-http-channel.ts';
import { openSseChannel } from './wire/http-upstream/open-sse-channel.ts';
import { createEraMemory } from './wire/modern-upstream/era-memory.ts';
import { openEitherEra } from './wire/modern-upstream/open-either-era.ts';
import { openStdioChannel } from './wire/stdio-upstream.ts';

export type Servers = {
  readonly specs: readonly UpstreamSpec[];
  /** Servers of the gateway's own, which need no pin. */
  readonly own: ReadonlyMap<string, OwnServer>;
  close(): Promise<void>;
};

export type ServersOptions = {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly version: string;
  /** Ends stdio servers that outlive this process. */
  readonly will?: LastWill;
};

/** What a child process gets of the gateway's environment: enough to run, nothing that is a secret by habit. */
const INHERITED = [
  'HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'TMPDIR', 'TZ', 'USER',
  'APPDATA', 'HOMEDRIVE', 'HOMEPATH', 'LOCALAPPDATA', 'PATHEXT', 'PROCESSOR_ARCHITECTURE', 'PROGRAMFILES',
  'SYSTEMDRIVE', 'SYSTEMROOT', 'TEMP', 'TMP', 'USERNAME', 'USERPROFILE',
  'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR',
] as const; // prettier-ignore

const GRACE_MS = 1500;

/** Prepares every configured server and the built-in ones; nothing is started before a client comes. */
export async function openServers(options: ServersOptions): Promise<Servers> {
  const { config } = options;
  const will = createLastWill();
  const specs: UpstreamSpec[] = Object.values(config.mcpServers)
    .filter(({ disabled }) => !disabled)
    .map((server) => ({
      name: server.name,
      open: channelOf(server, { ...options, will }),
      timeoutMs: server.timeoutMs,
    }));
  const code = config.builtin.code && (await openCode(config.builtin.code, options));
  if (code) specs.push(code.spec);
  return {
    specs,
    own: new Map(code ? [[code.spec.name, CODE]] : []),
    async close() {
      will.close();
      await code?.close();
    },
  };
}

/** A channel to one configured server of either era; what it speaks is found out once for all connections. */
export function channelOf(server: ServerConfig, options: ServersOptions): OpenChannel {
  const memory = createEraMemory();
  if (server.kind === 'stdio') return openEitherEra({ open: openStdio(server, options), memory });
  const http: HttpChannelOptions = {
    url: new URL(server.url),
    headers: server.headers,
    maxFrameBytes: options.config.limits.maxMessageBytes,
    onTrouble: (why) => options.log.warn({ server: server.name }, why),
  };
  const openSse = openSseChannel(http);
  return server.sse ? openSse : openEitherEra({ open: openHttpChannel(http), openSse, memory });
}

function openStdio(
  server: StdioServerConfig,
  { env, config, log, will }: ServersOptions,
): OpenChannel {
  const { command, args, cwd } = server;
  const inherited = INHERITED.flatMap((name) =>
    env[name] === undefined ? [] : [[name, env[name]] as const],
  );
  return openStdioChannel({
    command,
    args,
    env: { ...Object.fromEntries(inherited), ...server.env },
    ...(cwd === undefined ? {} : { cwd }),
    maxFrameBytes: config.limits.maxMessageBytes,
    graceMs: GRACE_MS,
    ...(will === undefined ? {} : { onStart: (group: number) => will.add(group) }),
    onStderr: (line) => log.debug({ server: server.name }, line),
  });
}

/** Code runs without network and without files of the host: what it prints was made of what the call brought. */
const CODE: OwnServer = { classes: ['code_execution'], dataClass: 0, source: [], sink: ['code'] };

type CodeConfig = NonNullable<Config['builtin']['code']>;

async function openCode(
  code: CodeConfig,
  { config, env, log, version }: ServersOptions,
): Promise<{ spec: UpstreamSpec; close: () => Promise<void> }> {
  const [{ createLocalSandbox }, { createCodeServer }, { openCodeChannel }, { LIMITS }] =
    await Promise.all([
      import('./sandbox/local-sandbox.ts'),
      import('../servers/code/code-server.ts'),
      import('../servers/code/open-code-channel.ts'),
      import('./sandbox/limits.ts'),
    ]);
  const { host } = config.sandbox.docker;
  const sandbox = createLocalSandbox({
    env,
    runtime: config.sandbox.runtime,
    images: config.sandbox.images,
    limits: { memory: code.memoryMiB * 1024 * 1024 },
    log: (message) => log.info({ server: 'code' }, message),
    ...(host === undefined ? {} : { host }),
  });
  // What a gateway that was killed left behind; a machine without Docker has left nothing.
  void sandbox.reap().catch((error: unknown) => log.debug(error, 'no sandboxes to reap'));
  return {
    spec: {
      name: 'code',
      timeoutMs: LIMITS.timeoutMs + LIMITS.startMs,
      open: openCodeChannel(() =>
        createCodeServer({
          run: async (program) => await sandbox.run(program),
          languages: code.languages,
          timeoutMs: code.timeoutMs,
          version,
        }),
      ),
    },
    close: async () => await sandbox.close(),
  };
}
