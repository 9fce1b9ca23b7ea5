import { existsSync } from 'node:fs';
import { createRedact, type Redact } from './audit/redact.ts';
import { createShown } from './audit/shown.ts';
import type { Audit } from './audit/audit.ts';
import type { Log } from './audit/log.ts';
import type { OwnServer } from './catalogue/own-servers.ts';
import type { Config, HttpServerConfig, ServerConfig, StdioServerConfig } from './config/config.ts';
import type { UpstreamSpec, Who } from './gate.ts';
import type { SubjectTokens } from './identity/subject-tokens.ts';
import type { OpenChannel } from './wire/channel.ts';
import type { LocalEgress } from './sandbox/egress/local-egress.ts';
import type { Inside } from './sandbox/inside/inside.ts';
import type { SandboxMeter } from './sandbox/meter.ts';
import { authorizeOf } from './authorize-upstream.ts';
import { createOwnProcess } from './identity/own-process.ts';
import { ownSecretOf } from './own-secret-of.ts';
import { stateLayout } from './state/layout.ts';
import { createLastWill, type LastWill } from './wire/last-will.ts';
import {
  openHttpChannel,
  type HttpChannelOptions,
} from './wire/http-upstream/open-http-channel.ts';
import { openSseChannel } from './wire/http-upstream/open-sse-channel.ts';
import { createEraMemory, type EraMemory } from './wire/modern-upstream/era-memory.ts';
import { openEitherEra } from './wire/modern-upstream/open-either-era.ts';
import { masked } from './wire/masked.ts';
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
  /** Where connections of code are written down; without it there are none. */
  readonly audit?: Pick<Audit, 'append'>;
  /** What the sandbox tells of itself; absent: nobody counts. */
  readonly metrics?: { readonly sandbox: SandboxMeter } | undefined;
  /** What callers signed in with; absent: they did not. */
  readonly subjects?: Omit<SubjectTokens, 'keep'>;
  /** Ends stdio servers that outlive this process. */
  readonly will?: LastWill;
  /** Servers in containers. */
  readonly inside?: LazyInside;
};

/** Made for the first server that needs it: Docker's client takes long to load. */
export type LazyInside = { get(): Promise<Inside>; close(): Promise<void> };

/** What a child process gets of the gateway's environment: enough to run, nothing that is a secret by habit. */
const INHERITED = [
  'HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'TMPDIR', 'TZ', 'USER',
  'APPDATA', 'HOMEDRIVE', 'HOMEPATH', 'LOCALAPPDATA', 'PATHEXT', 'PROCESSOR_ARCHITECTURE', 'PROGRAMFILES',
  'SYSTEMDRIVE', 'SYSTEMROOT', 'TEMP', 'TMP', 'USERNAME', 'USERPROFILE',
  'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR',
] as const; // prettier-ignore

const GRACE_MS = 1500;
/** How often it is looked whether a person has another secret now. */
const LOOK_MS = 1000;

/** Prepares every configured server and the built-in ones; nothing is started before a client comes. */
export async function openServers(options: ServersOptions): Promise<Servers> {
  const { config } = options;
  const will = createLastWill();
  const inside = lazyInside(options);
  const specs: UpstreamSpec[] = Object.values(config.mcpServers)
    .filter(({ disabled }) => !disabled)
    .map((server) => ({
      name: server.name,
      open: channelOf(server, { ...options, will, inside }),
      timeoutMs: server.timeoutMs,
      ...(server.kind === 'stdio' && server.idleMs !== undefined ? { idleMs: server.idleMs } : {}),
    }));
  const code = config.builtin.code && (await openCode(config.builtin.code, options));
  sweepWays(options);
  if (code) specs.push(code.spec);
  return {
    specs,
    own: new Map(code ? [[code.spec.name, code.own]] : []),
    async close() {
      will.close();
      await Promise.all([code?.close(), inside.close()]);
    },
  };
}

/** Channels to one configured server of either era; what it speaks is found out once for all connections. */
export function channelOf(server: ServerConfig, options: ServersOptions): UpstreamSpec['open'] {
  const memory = createEraMemory();
  const mask = createRedact({ secrets: server.shared?.secrets ?? [] }).known;
  const open =
    server.kind === 'stdio'
      ? stdioChannels(server, options, mask)
      : httpChannels(server, options, memory);
  return (who: Who) => {
    const opened = server.kind === 'stdio' ? openEitherEra({ open: open(who), memory }) : open(who);
    return server.shared ? masked(opened, mask) : opened;
  };
}

/** One process for each channel. */
function stdioChannels(
  server: StdioServerConfig,
  options: ServersOptions,
  mask: Redact['known'],
): (who: Who) => OpenChannel {
  const { secretIn, env } = server;
  if (secretIn !== undefined)
    return createOwnProcess({
      ...ownSecretOf(server, options),
      lookMs: LOOK_MS,
      open: (secret, own) =>
        openStdio({ ...server, env: { ...env, [secretIn]: secret } }, options, own),
    });
  const open = openStdio(server, options, mask);
  return () => open;
}

function httpChannels(
  server: HttpServerConfig,
  options: ServersOptions,
  memory: EraMemory,
): (who: Who) => OpenChannel {
  const http: HttpChannelOptions = {
    url: new URL(server.url),
    headers: server.headers,
    maxFrameBytes: options.config.limits.maxMessageBytes,
    onTrouble: (why) => options.log.warn({ server: server.name }, why),
  };
  // Checked here, so that a wrong URL is a mistake of the configuration and not of the first call.
  openSseChannel(http);
  const authorize = authorizeOf(server, options);

  function openWith(own: HttpChannelOptions): OpenChannel {
    const openSse = openSseChannel(own);
    return server.sse ? openSse : openEitherEra({ open: openHttpChannel(own), openSse, memory });
  }

  return function open(who) {
    if (!authorize) return openWith(http);
    const { add, mask } = createShown();
    const { token, ...rest } = authorize(who);
    const own: HttpChannelOptions = {
      ...http,
      onTrouble: (why) => http.onTrouble(mask(why)),
      authorize: {
        ...rest,
        async token(caller) {
          const shown = await token(caller);
          add(shown);
          return shown;
        },
      },
    };
    return masked(openWith(own), mask);
  };
}

function openStdio(
  server: StdioServerConfig,
  { env, config, log, will, inside }: ServersOptions,
  mask = (text: string): string => text,
): OpenChannel {
  const { command, args, cwd, sandbox } = server;
  if (sandbox) {
    if (!inside) throw new TypeError('Cannot open a server in a sandbox: nobody would end it');
    return async (events, signal) =>
      await (await inside.get()).open({ ...server, sandbox }, mask)(events, signal);
  }
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
    onStderr: (line) => log.debug({ server: server.name }, mask(line)),
  });
}

/** Whoever calls it closes it. */
export function lazyInside(
  options: Pick<ServersOptions, 'config' | 'env' | 'log' | 'audit'>,
): LazyInside {
  const { log } = options;
  let made: Promise<Inside> | undefined;
  return {
    get: async () => await (made ??= load()),
    close: async () => await (await made?.catch(() => undefined))?.close(),
  };

  async function load(): Promise<Inside> {
    const { createLocalInside } = await import('./sandbox/inside/local-inside.ts');
    return createLocalInside({
      ...options,
      audit: options.audit,
      graceMs: GRACE_MS,
      log: (message) => log.info({ area: 'sandbox' }, message),
      onStderr: (server, line) => log.debug({ server }, line),
    });
  }
}

/** Code runs without network and without files of the host: what it prints was made of what the call brought. */
const CODE: OwnServer = { classes: ['code_execution'], dataClass: 0, source: [], sink: ['code'] };

/** What it fetches was written by others, and what it sends leaves the house. */
const CODE_WITH_EGRESS: OwnServer = {
  classes: ['code_execution', 'external_communication'],
  dataClass: 0,
  source: ['untrusted'],
  sink: ['code', 'external'],
};

type CodeConfig = NonNullable<Config['builtin']['code']>;

async function openCode(
  code: CodeConfig,
  { config, env, log, version, audit, metrics }: ServersOptions,
): Promise<{ spec: UpstreamSpec; own: OwnServer; close: () => Promise<void> }> {
  const [{ createLocalSandbox }, { createCodeServer }, { openCodeChannel }, { LIMITS }] =
    await Promise.all([
      import('./sandbox/local-sandbox.ts'),
      import('../servers/code/code-server.ts'),
      import('../servers/code/open-code-channel.ts'),
      import('./sandbox/limits.ts'),
    ]);
  const { host } = config.sandbox.docker;
  const egress = code.egress.length > 0 && (await openEgress(code, { config, env, audit }));
  const sandbox = createLocalSandbox({
    env,
    runtime: config.sandbox.runtime,
    images: config.sandbox.images,
    pool: { ...config.sandbox.pool, timeoutMs: code.timeoutMs },
    tier: code.tier,
    limits: { memory: code.memoryMiB * 1024 * 1024 },
    log: (message) => log.info({ server: 'code' }, message),
    meter: metrics?.sandbox,
    tiers: config.sandbox.tiers,
    kata: config.sandbox.kata,
    ...(host === undefined ? {} : { host }),
    ...(egress && { egress }),
  });
  const open = openCodeChannel(() =>
    createCodeServer({
      run: async (program) => await sandbox.run(program),
      languages: code.languages,
      isGated: true,
      egress: code.egress,
      timeoutMs: code.timeoutMs,
      version,
    }),
  );
  // What a gateway that was killed left behind; a machine without Docker has left nothing.
  void sandbox.reap().catch((error: unknown) => log.debug(error, 'no sandboxes to reap'));
  return {
    own: egress ? CODE_WITH_EGRESS : CODE,
    spec: {
      name: 'code',
      isOwn: true,
      timeoutMs: LIMITS.timeoutMs + LIMITS.startMs,
      open: () => open,
    },
    async close() {
      await sandbox.close();
      if (egress) await egress.close();
    },
  };
}

/** The same for ways out of code and of servers, wherever these may connect to now. */
function sweepWays({ config, log }: Pick<ServersOptions, 'config' | 'log'>): void {
  const { egress: folder } = stateLayout(config.state.path);
  const isUsed =
    config.builtin.code !== undefined ||
    Object.values(config.mcpServers).some((server) => server.kind === 'stdio' && server.sandbox);
  if (!isUsed || !existsSync(folder)) return;
  const sweeping = Promise.all([
    import('./sandbox/egress/own-folder.ts'),
    import('./sandbox/owner.ts'),
  ]).then(
    async ([{ sweepFolders }, { thisProcess }]) =>
      await sweepFolders(folder, thisProcess(''), Date.now()),
  );
  sweeping.catch((error: unknown) => log.warn(error, 'cannot sweep'));
}

async function openEgress(
  { egress: entries }: CodeConfig,
  {
    config,
    env,
    audit,
  }: Pick<ServersOptions, 'config' | 'env'> & { audit: ServersOptions['audit'] },
): Promise<LocalEgress> {
  const { createLocalEgress } = await import('./sandbox/egress/local-egress.ts');
  return createLocalEgress({
    entries,
    env,
    folder: stateLayout(config.state.path).egress,
    record(fields) {
      if (!audit) throw new TypeError('Cannot connect: there is no audit');
      audit.append('egress', { ...fields });
    },
  });
}
