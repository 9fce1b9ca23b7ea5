import { Fault } from '../lib/fault.ts';
import { visible } from '../lib/visible.ts';
import { stateLayout } from '../state/layout.ts';
import { makePrivateFolder } from '../state/private-file.ts';
import type { Discovered } from '../identity/discover-upstream.ts';
import type { Login } from '../identity/sign-in.ts';
import type { HttpServerConfig } from '../config/config.ts';
import type { Command, Io } from './command.ts';
import { configOf } from './config-of.ts';
import { parseOptions } from './parse-options.ts';

const TIMEOUT_MS = 300_000;

type Wanted = {
  readonly before: Login | undefined;
  /** Chosen by the person. */
  readonly scopes: readonly string[] | undefined;
  /** Whether the code of a device flow is typed elsewhere. */
  readonly device: 'always' | 'where possible' | 'never';
};

/** The browser of this person is most likely on another machine. */
function isOverSsh({ env }: Pick<Io, 'env'>): boolean {
  return (env['SSH_CONNECTION'] ?? '') !== '';
}

/** Finds out where one signs in, and shows the person where to. Throws `Fault`. */
async function askPerson(
  { name, url: text, login = {} }: HttpServerConfig,
  { stdout }: Pick<Io, 'stdout'>,
  wanted: Wanted,
): Promise<Login> {
  const [{ createFetchGuarded }, { discoverUpstream }, { signIn, withRefresh }, { deviceSignIn }] =
    await Promise.all([
      import('../identity/fetch-guarded.ts'),
      import('../identity/discover-upstream.ts'),
      import('../identity/sign-in.ts'),
      import('../identity/device-sign-in.ts'),
    ]);
  const server = new URL(text);
  const fetch = createFetchGuarded({ server });
  const where = await discoverUpstream(server, fetch, new URL(login.resource ?? text));
  const scopes =
    wanted.scopes ?? withRefresh(login.scopes ?? scopesFor(where, wanted.before), where);
  stdout.write(`Asking for: ${visible(scopes.join(' ')) || 'what the issuer thinks right'}\n`);
  const options = { ...login, where, scopes, fetch, signal: AbortSignal.timeout(TIMEOUT_MS) };
  const isDevice =
    wanted.device === 'always' ||
    (wanted.device === 'where possible' && where.as.device_authorization_endpoint !== undefined);
  const signedIn = isDevice
    ? deviceSignIn({
        ...options,
        server,
        show({ href }, code) {
          stdout.write(`Open this page on any device:\n\n  ${visible(href)}\n\n`);
          stdout.write(`Type there: ${visible(code)}\n`);
        },
      })
    : signIn({
        ...options,
        show({ href, searchParams }) {
          stdout.write(`Open this page to sign in:\n\n  ${visible(href)}\n\n`);
          if (wanted.device !== 'where possible') return;
          const { port } = new URL(searchParams.get('redirect_uri') ?? '');
          stdout.write(
            `Your browser comes back to this machine: ssh -L ${port}:127.0.0.1:${port}\n`,
          );
        },
      });
  return await signedIn.catch((cause: unknown) => {
    if (cause instanceof Fault) throw cause;
    // What an issuer says may quote what it was sent.
    throw new Fault(visible(`Cannot sign in to ${name}: ${where.as.issuer} did not let you`), {
      cause,
      exit: 1,
    });
  });
}

/** What the server says it needs, what was granted before and what it has wanted since (MCP, step-up authorization). */
function scopesFor(
  { as, resource, scopes }: Discovered,
  before: Login | undefined,
): readonly string[] {
  // What one issuer was asked for says nothing about another.
  if (before?.issuer !== as.issuer || before.resource !== resource) return scopes;
  return [...new Set([...scopes, ...before.scopes, ...(before.wanted ?? [])])];
}

export const command = {
  summary: 'sign in to one server, with a credential of your own',
  usage: `Usage: sallyport login SERVER [--scope "SCOPE…"] [--device] [--forget] [--config FILE]

Signs you in to a server that has auth.login in the configuration: finds out where one signs in for it, shows the page
to open in a browser on this machine, and keeps what comes back in the vault, encrypted with SALLYPORT_VAULT_KEY (32
random bytes in base64, e.g. from openssl rand -base64 32). You are whom identity.stdio says. For a server that has
auth.secret it asks for the secret instead, at a terminal without showing it, else as one line of stdin.

  --scope "SCOPE…"  what to ask for; by default auth.login.scopes, or what the server says it needs, has wanted since the
                    last time, and was granted then
  --device          where no browser can come back to this machine: a page for any device, and a code to type there; by
                    itself over SSH, where the issuer has that
  --forget          take the credential out of the vault
  --config FILE     the configuration; by default as for sallyport serve

Exit code: 0 signed in or forgotten; 1 nobody came back or the issuer refused; 2 wrong use or configuration.
`,
  async run(argv, io) {
    const { values, positionals } = parseOptions(
      'login',
      argv,
      {
        scope: { type: 'string' },
        device: { type: 'boolean' },
        forget: { type: 'boolean' },
        config: { type: 'string' },
      },
      true,
    );
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0)
      throw new Fault('Cannot sign in: name one server', { hint: 'sallyport login SERVER' });
    const config = await configOf(values.config, io);
    const server = config.mcpServers[name];
    if (server?.secretIn !== undefined) {
      const { keepSecret } = await import('./login/keep-secret.ts');
      return await keepSecret(server, { config, io, forget: values.forget === true });
    }
    if (server?.kind !== 'http' || server.login === undefined)
      throw new Fault(visible(`Cannot sign in to ${name}: it has no auth.login`), {
        hint: 'write auth: { login: {} } for it below mcpServers, or auth: { secret: … }',
      });
    const [{ createVault, vaultKey }, { stdioCaller }] = await Promise.all([
      import('../identity/vault.ts'),
      import('../identity/stdio-caller.ts'),
    ]);
    const key = vaultKey(io.env);
    const { issuer, subject } = await stdioCaller(config.identity.stdio);
    const { root, vault: path } = stateLayout(config.state.path);
    makePrivateFolder(root);
    const vault = createVault(path, key);
    const owner = { issuer, subject, server: name };
    if (values.forget === true) {
      await vault.change(owner, async () => await Promise.resolve(undefined));
      io.stdout.write(`Forgotten: ${name}\n`);
      return 0;
    }
    const { readLogin, writeLogin } = await import('../identity/vaulted.ts');
    const login = await askPerson(server, io, {
      before: readLogin(await vault.read(owner)),
      scopes: values.scope?.split(' ').filter(Boolean),
      device: values.device === true ? 'always' : isOverSsh(io) ? 'where possible' : 'never',
    });
    await vault.change(owner, async () => await Promise.resolve(writeLogin(login)));
    io.stdout.write(`Signed in to ${name} at ${visible(login.issuer)}\n`);
    return 0;
  },
} satisfies Command;
