import type { Log } from './audit/log.ts';
import type { Caller } from './call.ts';
import type { Io } from './commands/command.ts';
import type { Config, HttpIdentity } from './config/config.ts';
import { openGateway, type Gateway } from './gateway.ts';
import { readAddress, type Address } from './lib/address.ts';
import { openStdioCaller, type StdioPresence } from './identity/stdio-caller.ts';
import { createSubjectTokens, type SubjectTokens } from './identity/subject-tokens.ts';
import { EXIT, Fault } from './lib/fault.ts';
import type { JsonObject } from './lib/json.ts';
import { packageVersion } from './lib/package-root.ts';
import { limitYoungSpace } from './lib/young-space.ts';
import type { OpenedMetrics, OpenMetricsOptions } from './metrics/open-metrics.ts';
import { createFlood } from './wire/flood.ts';
import { serveStdio } from './wire/stdio-agent.ts';

export type ServeOptions = {
  readonly config: Config;
  readonly io: Io;
  /** `[HOST:]PORT`; absent: stdio. */
  readonly http: string | undefined;
  readonly single: boolean;
  readonly log: Log;
};

/** Records of refused requests from nobody known. */
const MAX_REFUSED_PER_SECOND = 50;
/** Lines in the log about requests that failed. */
const MAX_FAILED_PER_SECOND = 5;

/** How long an ended process waits for its client to read what is left. */
const UNREAD_MS = 5000;

/** Serves until the client goes, or until a signal. Resolves to the exit code. */
export async function serveGateway(options: ServeOptions): Promise<number> {
  const { config, io, http, log, single } = options;
  limitYoungSpace();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  let reload: Gateway['reload'] | undefined;
  let killAll: Gateway['killAll'] | undefined;
  let isKilled = false;
  // Without a listener Node would open its debugger to whoever is on this machine.
  process.on('SIGUSR1', () => {
    isKilled = true;
    killAll?.('signal', 'SIGUSR1');
  });
  process.on('SIGHUP', () => (isAtTerminal(io) ? stop.abort() : void reload?.()));
  const address = http === undefined ? undefined : addressOf(http);
  const identity = config.identity.http;
  if (address !== undefined && identity === undefined)
    throw new Fault('Cannot serve over HTTP: identity.http is not configured', {
      hint: 'without it anybody who reaches the port would be served; see sallyport.example.yaml',
    });
  const subjects = createSubjectTokens(Date.now);
  using presence =
    address === undefined
      ? await openStdioCaller(config.identity.stdio, { subjects, now: Date.now })
      : undefined;
  const version = packageVersion();
  await using watched = await metricsOf({ config, log, version });
  await using gateway = await openGateway({
    config,
    env: io.env,
    log,
    version,
    single,
    subjects,
    metrics: watched?.metrics,
  });
  log.info(
    { servers: gateway.servers, audit: config.audit.path, lock: config.catalogue.lock },
    'sallyport is ready',
  );
  gateway.ready.catch(() => stop.abort());
  ({ reload, killAll } = gateway);
  if (isKilled) killAll('signal', 'SIGUSR1');
  if (address !== undefined && identity !== undefined)
    await overHttp(gateway, { ...options, identity, address, subjects, stop: stop.signal });
  else if (presence) await overStdio(gateway, options, presence, stop.signal);
  await gateway.ready;
  return EXIT.ok;
}

/** A start without them loads nothing of them. */
async function metricsOf(
  options: Omit<OpenMetricsOptions, 'address'>,
): Promise<OpenedMetrics | undefined> {
  const { metrics: address } = options.config.http;
  if (address === undefined) return undefined;
  const { openMetrics } = await import('./metrics/open-metrics.ts');
  return await openMetrics({ ...options, address });
}

/** There the signal says that the terminal is gone; elsewhere, that somebody wants the policies read again. */
function isAtTerminal({ stdin }: Io): boolean {
  return process.platform === 'win32' || ('isTTY' in stdin && stdin.isTTY === true);
}

async function overStdio(
  { open, about, introduce, audit }: Gateway,
  { config, io, log }: ServeOptions,
  { who }: StdioPresence,
  signal: AbortSignal,
): Promise<void> {
  const caller = whoIs(who());
  const { stuck } = await serveStdio({
    who,
    open,
    about,
    introduce,
    onRefused: (refused) => audit.append('frame-refused', { ...refused, caller }),
    onFailed: (thrown) => log.error(thrown, 'stdio'),
    input: io.stdin,
    output: io.stdout,
    maxFrameBytes: config.limits.maxMessageBytes,
    signal,
  });
  // What a client does not read would keep the process for ever.
  if (signal.aborted || stuck) setTimeout(() => process.exit(), UNREAD_MS).unref();
}

type HttpOptions = ServeOptions & {
  readonly identity: HttpIdentity;
  readonly address: Address;
  readonly subjects: SubjectTokens;
  readonly stop: AbortSignal;
};

async function overHttp(
  { open, about, introduce, audit, ready }: Gateway,
  { config, log, identity, address, subjects, stop }: HttpOptions,
): Promise<void> {
  await ready;
  const [{ serveHttp }, { createVerifier }, { createProtectedResource }, { createCheckProof }] =
    await Promise.all([
      import('./wire/http-agent/serve-http.ts'),
      import('./identity/verifier.ts'),
      import('./identity/protected-resource.ts'),
      import('./identity/proof.ts'),
    ]);
  const { issuer, audience, requiredScopes, jwks, groupsClaim, algorithms, clockToleranceS } =
    identity;
  const verifier = createVerifier({
    issuer,
    audience,
    requiredScopes,
    groupsClaim,
    algorithms,
    clockToleranceS,
    subjects,
    ...(jwks === undefined ? {} : { jwks: URL.canParse(jwks) ? new URL(jwks) : jwks }),
  });
  const flood = createFlood(MAX_REFUSED_PER_SECOND);
  const failures = createFlood(MAX_FAILED_PER_SECOND);
  const server = await serveHttp({
    ...address,
    open,
    about,
    introduce,
    verify: verifier.verify,
    ...(URL.canParse(audience)
      ? {
          resource: createProtectedResource({
            resource: audience,
            authorizationServers: [issuer],
            scopes: requiredScopes,
          }),
          checkProof: createCheckProof({ resource: audience, clockToleranceS, now: Date.now }),
        }
      : {}),
    allowedOrigins: config.http.allowedOrigins,
    // Behind a reverse proxy the host is the public one, which the audience names.
    allowedHosts: [
      ...config.http.allowedHosts,
      ...(URL.canParse(audience) ? [new URL(audience).host] : []),
    ],
    limits: { maxBodyBytes: config.http.maxBodyBytes },
    onRefused({ reason, status, message, remote, caller }) {
      // Whoever cannot sign in must not be able to fill the disk either.
      if (caller === undefined && flood.admit() === 'no') return;
      audit.append('frame-refused', {
        reason: `${reason}: ${message}`,
        status,
        remote,
        ...(caller ? { caller: whoIs(caller) } : {}),
      });
    },
    onFailed(thrown) {
      // While keys cannot be had, every request of anybody's fails.
      if (failures.admit() !== 'no') log.error(thrown, 'HTTP');
    },
  });
  log.info({ url: server.url }, 'listening');
  if (!stop.aborted)
    await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  await server.close();
}

function whoIs({ issuer, subject, client }: Caller): JsonObject {
  return { issuer, subject, client };
}

function addressOf(text: string): Address {
  const address = readAddress(text);
  if (address) return address;
  throw new Fault(`Cannot serve on ${text}: it is not [HOST:]PORT`, {
    hint: 'for example --http 127.0.0.1:8080',
  });
}
