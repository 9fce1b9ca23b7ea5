import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { discoverUpstream } from '../../src/identity/discover-upstream.ts';
import { createFetchGuarded } from '../../src/identity/fetch-guarded.ts';
import { writeSecret } from '../../src/identity/own-secret.ts';
import { signIn } from '../../src/identity/sign-in.ts';
import { createVault } from '../../src/identity/vault.ts';
import { makePrivateFolder } from '../../src/state/private-file.ts';
import { BIN, createGate, type Gate } from '../support/gate.ts';
import { showsAll } from '../support/clients.ts';
import { startIdentityProvider, type IdentityProvider } from '../support/identity-provider.ts';
import { startProtectedServer, type ProtectedServer } from '../support/protected-server.ts';

const KEY = randomBytes(32).toString('base64');
const SCOPES = ['notes:read'];
const SSH = { SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' };

type World = {
  readonly idp: IdentityProvider;
  readonly notes: ProtectedServer;
  readonly resources: Record<string, readonly string[]>;
};

/** A provider that knows nobody, and a protected server that sends people there. */
async function startWorld(
  context: TestContext,
  metadata: Readonly<Record<string, unknown>> = {},
  deviceFlow = true,
): Promise<World> {
  const resources: Record<string, readonly string[]> = { 'https://other.example': SCOPES };
  const idp = await startIdentityProvider({ resources, deviceFlow });
  context.after(async () => await idp[Symbol.asyncDispose]());
  const { issuer } = idp;
  const notes = await startProtectedServer({
    issuer,
    write: 'notes:write',
    metadata: { scopes_supported: SCOPES, ...metadata },
  });
  context.after(async () => await notes[Symbol.asyncDispose]());
  resources[notes.url] = [...SCOPES, 'notes:write'];
  return { idp, notes, resources };
}

async function startGate(
  context: TestContext,
  { notes }: World,
  entry: object = {},
): Promise<Gate> {
  return await createGate(context, {
    servers: { notes: { url: notes.url, auth: { login: entry } } },
    env: { SALLYPORT_VAULT_KEY: KEY },
    firstUse: true,
  });
}

/** Runs the command with a browser that signs in as `user`, and comes back by `change`. */
async function login(
  gate: Gate,
  idp: IdentityProvider,
  user: string,
  change: (back: URL) => URL = (back) => back,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: unknown; readonly out: string }> {
  const child = spawn(process.execPath, [BIN, 'login', 'notes', '--config', gate.config], {
    cwd: gate.folder,
    env: { ...process.env, SALLYPORT_VAULT_KEY: KEY, ...env },
  });
  let out = '';
  child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const exited = once(child, 'exit');
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    const url = /^ {2}(http\S+)$/mu.exec(chunk.toString())?.[1];
    if (url === undefined) return;
    void idp.signIn(new URL(url), user).then(async (back) => await fetch(change(back)));
  });
  const [code]: unknown[] = await exited;
  return { code, out };
}

/** Runs the command on a machine without a browser; `enter` gets the page and the code. */
async function loginByDevice(
  gate: Gate,
  enter: (page: URL, code: string) => Promise<unknown>,
  { args, env }: { args: readonly string[]; env?: Readonly<Record<string, string>> },
): Promise<{ readonly code: unknown; readonly out: string }> {
  const child = spawn(process.execPath, [BIN, 'login', 'notes', ...args, '--config', gate.config], {
    cwd: gate.folder,
    env: { ...process.env, SALLYPORT_VAULT_KEY: KEY, ...env },
  });
  let out = '';
  let entered: Promise<unknown> | undefined;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const [, page, code] = /^ {2}(http\S+)\n\nType there: (\S+)$/mu.exec(out) ?? [];
      if (page !== undefined && code !== undefined) entered ??= enter(new URL(page), code);
    });
  const [code]: unknown[] = await once(child, 'exit');
  await entered;
  return { code, out };
}

/** What the server says, or what the gateway says in its place. */
async function whoami(client: Client): Promise<string> {
  const answer = await client
    .callTool({ name: 'notes__whoami', arguments: {} })
    .catch((thrown: unknown) => ({ content: String(thrown) }));
  return JSON.stringify(answer['content']);
}

test('who signs in once is themselves at the server from then on, also when tokens end', async (context) => {
  const world = await startWorld(context);
  const gate = await startGate(context, world);
  const { code, out } = await login(gate, world.idp, 'ann');
  assert.equal(code, 0, out);
  assert.match(out, /Signed in to notes at http:\/\/127\.0\.0\.1/u);
  const client = await gate.connect();
  await showsAll(client, ['notes']);
  assert.match(await whoami(client), /\\"sub\\":\\"ann\\"/u);
  const before = new Set(world.notes.seen).size;
  world.notes.forget();
  assert.match(await whoami(client), /\\"sub\\":\\"ann\\"/u);
  assert.equal(new Set(world.notes.seen).size, before + 1);

  // Another user of the same machine is nobody there.
  const other = await gate.connect({ user: { user: 'bob' } });
  assert.doesNotMatch(await whoami(other), /sub/u);
  assert.match(gate.stderr(), /you have not signed in there \(sallyport login notes\)/u);

  const { mode } = await stat(join(gate.folder, 'state', 'vault.json'));
  assert.equal(mode & 0o777, 0o600);
  const written = gate.everything() + gate.stderr() + out;
  for (const header of world.notes.seen.filter(Boolean))
    assert.ok(!written.includes(header.replace('Bearer ', '')));
  assert.ok(!written.includes(KEY));

  await gate.signIn(undefined);
  assert.equal((await gate.run('login', 'notes', '--forget')).code, 0);
  assert.doesNotMatch(await whoami(await gate.connect()), /sub/u);
});

test('what a server wants more is asked for at the next sign-in, and told to nobody else', async (context) => {
  const world = await startWorld(context);
  const gate = await startGate(context, world);
  await login(gate, world.idp, 'ann');
  const client = await gate.connect();
  await showsAll(client, ['notes']);
  const change = async (): Promise<string> =>
    JSON.stringify(await client.callTool({ name: 'notes__change', arguments: {} }));
  const refused = await change();
  assert.match(refused, /you have not granted it\\nHint: sallyport login notes"/u);
  // The server's own words would be an order to the model in the gateway's name.
  assert.doesNotMatch(refused, /notes:write|unheard:of|evil/u);
  const { code, out } = await login(gate, world.idp, 'ann');
  assert.equal(code, 0, out);
  assert.match(out, /^Asking for: notes:read notes:write unheard:of offline_access$/mu);
  assert.match(await change(), /\\"sub\\":\\"ann\\"/u);
});

test('an owner who names scopes has nobody asked for others', async (context) => {
  const world = await startWorld(context);
  const gate = await startGate(context, world, { scopes: SCOPES });
  await login(gate, world.idp, 'ann');
  const client = await gate.connect();
  await showsAll(client, ['notes']);
  const refused = await client.callTool({ name: 'notes__change', arguments: {} });
  assert.match(JSON.stringify(refused), /names scopes in auth\.login\.scopes/u);
  const { out } = await login(gate, world.idp, 'ann');
  assert.match(out, /^Asking for: notes:read offline_access$/mu);
});

for (const [name, args, env] of [
  ['who says so', ['--device'], {}],
  ['who is here over SSH', [], SSH],
] as const)
  test(`${name} signs in with a code on another device`, async (context) => {
    const world = await startWorld(context);
    const gate = await startGate(context, world);
    const enter = async (page: URL, code: string): Promise<void> =>
      assert.match(await world.idp.enterCode(page, code, 'ann'), /Sign-in Success/u);
    const { code, out } = await loginByDevice(gate, enter, { args, env });
    assert.equal(code, 0, out);
    const client = await gate.connect();
    await showsAll(client, ['notes']);
    assert.match(await whoami(client), /\\"sub\\":\\"ann\\"/u);
    world.notes.forget();
    assert.match(await whoami(client), /\\"sub\\":\\"ann\\"/u);
  });

test('over SSH an issuer without a device flow has its page opened', async (context) => {
  const world = await startWorld(context, {}, false);
  const gate = await startGate(context, world);
  const { code, out } = await login(gate, world.idp, 'ann', undefined, SSH);
  assert.equal(code, 0, out);
  assert.match(out, /ssh -L (\d+):127\.0\.0\.1:\1\n/u);
  const { code: refused, out: why } = await loginByDevice(gate, () => assert.fail(), {
    args: ['--device'],
  });
  assert.equal(refused, 2, why);
  assert.match(why, /it has no device flow/u);
});

test('a secret that was kept for the server before is no sign-in, and is replaced by one', async (context) => {
  const world = await startWorld(context);
  const gate = await startGate(context, world);
  const folder = join(gate.folder, 'state');
  makePrivateFolder(folder);
  await createVault(join(folder, 'vault.json'), Buffer.from(KEY, 'base64')).change(
    { issuer: 'local', subject: 'alice', server: 'notes' },
    async () => await Promise.resolve(writeSecret('s3cret-of-alice', 'X-Api-Key of a process')),
  );
  assert.doesNotMatch(await whoami(await gate.connect()), /sub/u);
  assert.match(gate.stderr(), /you have not signed in there \(sallyport login notes\)/u);
  const { code, out } = await login(gate, world.idp, 'ann');
  assert.equal(code, 0, out);
  const client = await gate.connect();
  await showsAll(client, ['notes']);
  assert.match(await whoami(client), /\\"sub\\":\\"ann\\"/u);
});

test('who says on the other device that it was not them is not signed in', async (context) => {
  const world = await startWorld(context);
  const gate = await startGate(context, world);
  const enter = async (page: URL, code: string): Promise<unknown> =>
    await world.idp.enterCode(page, code, 'ann', false);
  const { code, out } = await loginByDevice(gate, enter, { args: ['--device'] });
  assert.equal(code, 1, out);
  assert.match(out, /did not let you/u);
  await assert.rejects(stat(join(gate.folder, 'state', 'vault.json')));
});

test('a page that knocks at the callback without the state is turned away', async (context) => {
  const world = await startWorld(context);
  const gate = await startGate(context, world);
  const knocked: number[] = [];
  const { code, out } = await login(gate, world.idp, 'ann', (back) => {
    const forged = new URL(back);
    forged.searchParams.set('state', 'guessed');
    void fetch(forged).then(({ status }) => knocked.push(status));
    return back;
  });
  assert.equal(code, 0, out);
  assert.ok(knocked.every((status) => status === 400));
});

test('an answer of another issuer is refused (RFC 9207)', async (context) => {
  const world = await startWorld(context);
  const gate = await startGate(context, world);
  const { code, out } = await login(gate, world.idp, 'ann', (back) => {
    const mixed = new URL(back);
    mixed.searchParams.set('iss', 'https://evil.example');
    return mixed;
  });
  assert.equal(code, 1, out);
  assert.match(out, /Cannot sign in to notes/u);
});

test('without its key the vault is not opened, and nobody is signed in', async (context) => {
  const world = await startWorld(context);
  const gate = await startGate(context, world);
  const { code, stderr } = await gate.run('login', 'nothing');
  assert.equal(code, 2);
  assert.match(stderr, /it has no auth\.login/u);
  const child = spawn(process.execPath, [BIN, 'login', 'notes', '--config', gate.config], {
    cwd: gate.folder,
    env: { ...process.env, SALLYPORT_VAULT_KEY: 'short' },
  });
  const [exit]: unknown[] = await once(child, 'exit');
  assert.equal(exit, 2);
  assert.deepEqual(world.notes.seen, []);
});

/** Hosts that have these paths, whatever their names. */
function answering(
  asked: string[],
  answers: Readonly<Record<string, (request: { readonly body: string }) => Response>>,
): typeof fetch {
  return async function answer(input, init) {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    asked.push(pathname);
    const body = typeof init?.body === 'string' ? init.body : '';
    return await Promise.resolve(
      answers[pathname]?.({ body }) ?? new Response(null, { status: 404 }),
    );
  };
}

describe('a server that sends people elsewhere is not followed', () => {
  for (const [name, metadata, why] of [
    ['of another resource', { resource: 'https://bank.example/mcp' }, /of another resource/u],
    ['of another path', { resource: 'http://127.0.0.1:1/mcp' }, /of another resource/u],
    ['of no issuer', { authorization_servers: [] }, /names no authorization server/u],
    [
      'of the metadata service',
      { authorization_servers: ['http://169.254.169.254'] },
      /Cannot find the token_endpoint/u,
    ],
    [
      'of an issuer in the clear',
      { authorization_servers: ['http://idp.example'] },
      /Cannot find the token_endpoint/u,
    ],
  ] as const)
    // prettier-ignore
    test(`with metadata ${name}`, async (context) => {
      const { notes } = await startWorld(context, metadata);
      const server = new URL(notes.url);
      await assert.rejects(discoverUpstream(server, createFetchGuarded({ server })), why);
    });

  test('a host is its own issuer for those alone who mean all of it', async () => {
    const origin = 'https://notes.example';
    const asked: string[] = [];
    const fetch = answering(asked, {
      '/mcp': () => new Response(null, { status: 401 }),
      '/.well-known/oauth-authorization-server': () =>
        Response.json({
          issuer: origin,
          token_endpoint: `${origin}/token`,
          code_challenge_methods_supported: ['S256'],
        }),
    });
    const server = new URL('/mcp', origin);
    await assert.rejects(discoverUpstream(server, fetch), /does not say where/u);
    assert.ok(!asked.includes('/.well-known/oauth-authorization-server'));
    const { as, resource } = await discoverUpstream(server, fetch, new URL(origin));
    assert.deepEqual([as.issuer, resource], [origin, `${origin}/`]);
  });

  test('a server that greets everybody is asked for what it has', async () => {
    const server = new URL('https://notes.example/mcp');
    const fetch = answering([], {
      '/mcp': ({ body }) =>
        body.includes('tools/list')
          ? new Response(null, {
              status: 401,
              headers: { 'www-authenticate': 'Bearer scope="notes:read"' },
            })
          : Response.json({}),
      '/.well-known/oauth-protected-resource/mcp': () =>
        Response.json({ resource: server.href, authorization_servers: ['https://idp.example'] }),
      '/.well-known/openid-configuration': () =>
        Response.json({
          issuer: 'https://idp.example',
          token_endpoint: 'https://idp.example/token',
          code_challenge_methods_supported: ['S256'],
        }),
    });
    assert.deepEqual((await discoverUpstream(server, fetch)).scopes, ['notes:read']);
    const silent = answering([], { '/mcp': () => Response.json({}) });
    await assert.rejects(discoverUpstream(server, silent), /asks nobody who they are/u);
  });

  test('an issuer that does not say PKCE is not asked', async () => {
    const server = new URL('https://notes.example/mcp');
    const issuer = 'https://idp.example';
    const fetch = answering([], {
      '/mcp': () => new Response(null, { status: 401 }),
      '/.well-known/oauth-protected-resource/mcp': () =>
        Response.json({ resource: server.href, authorization_servers: [issuer] }),
      '/.well-known/oauth-authorization-server': () =>
        Response.json({ issuer, token_endpoint: `${issuer}/token` }),
    });
    const asked = discoverUpstream(server, fetch);
    await assert.rejects(asked, /does not say that it does PKCE/u);
  });

  for (const [server, url, addresses, want] of [
    ['https://notes.example', 'https://idp.example', ['93.184.216.34'], 'asked'],
    ['https://notes.example', 'https://idp.example', ['10.0.0.1'], 'not public'],
    [
      'https://notes.example',
      'https://idp.example',
      ['93.184.216.34', '169.254.169.254'],
      'not public',
    ],
    ['https://notes.example', 'https://idp.example', ['::ffff:127.0.0.1'], 'not public'],
    ['https://notes.example', 'https://127.0.0.1', [], 'not public'],
    ['https://notes.example', 'https://localhost', ['127.0.0.1'], 'not public'],
    ['https://notes.example', 'https://[::1]', [], 'not public'],
    ['https://notes.example', 'http://127.0.0.1', [], 'https is required'],
    ['https://notes.example', 'https://0x7f.1', [], 'not public'],
    ['https://notes.example', 'file:///etc/passwd', [], 'https is required'],
    ['https://10.0.0.2', 'https://10.0.0.1', [], 'asked'],
    ['https://10.0.0.2', 'https://127.0.0.1', [], 'not public'],
    ['https://10.0.0.2', 'https://169.254.169.254', [], 'not public'],
    ['http://127.0.0.1:8080', 'http://169.254.169.254', [], 'https is required'],
  ] as const)
    test(`${server} names ${url} at ${addresses.join(' ')}: ${want}`, async () => {
      const fetch = createFetchGuarded({
        server: new URL(server),
        resolve: async (host) =>
          await Promise.resolve(host === 'notes.example' ? ['93.184.216.34'] : addresses),
        connect: (address) => {
          throw new Error(`asked ${address}`);
        },
      });
      await assert.rejects(fetch(url), (thrown) => String(thrown).includes(want));
    });
});

/** Where clouds tell whoever asks what the machine may do, in every way to write it. */
const METADATA = [
  'https://169.254.169.254',
  'https://169.254.169.254.',
  'https://169.254.169.254:443/latest/meta-data',
  'https://0xa9fea9fe',
  'https://2852039166',
  'https://0251.0376.0251.0376',
  'https://0xa9.254.0251.254',
  'https://169.16689662',
  'https://%31%36%39.254.169.254',
  'https://１６９.２５４.１６９.２５４',
  'https://[::ffff:169.254.169.254]',
  'https://[::ffff:a9fe:a9fe]',
  'https://[0:0:0:0:0:ffff:a9fe:a9fe]',
  'https://[::a9fe:a9fe]',
  'https://[64:ff9b::a9fe:a9fe]',
  'https://[64:ff9b:1::a9fe:a9fe]',
  'https://[2002:a9fe:a9fe::1]',
  'https://[fd00:ec2::254]',
  'https://[fe80::a9fe:a9fe]',
  'https://169.254.170.2',
  'https://100.100.100.200',
  'https://168.63.129.16',
  'https://metadata.google.internal',
] as const;

describe('the metadata service of a cloud is asked for no server', () => {
  for (const server of ['https://notes.example', 'https://10.0.0.2'])
    for (const url of METADATA)
      test(`${server} names ${url}`, async () => {
        const asked: string[] = [];
        const fetch = createFetchGuarded({
          server: new URL(server),
          resolve: async (host) =>
            await Promise.resolve(
              host === 'notes.example'
                ? ['93.184.216.34']
                : ['::ffff:a9fe:a9fe', '169.254.169.254'],
            ),
          connect(address) {
            asked.push(address);
            throw new Error('asked');
          },
        });
        await assert.rejects(fetch(url), /its address is not public|Invalid URL/u);
        assert.deepEqual(asked, []);
      });
});

describe('the client at an issuer', () => {
  const where = {
    as: { issuer: 'https://idp.example', authorization_endpoint: 'https://idp.example/auth' },
    resource: 'https://notes.example/mcp',
    scopes: [],
  };
  for (const [name, own, takesClientUrl, want] of [
    [
      'registered beforehand comes first',
      { client: { issuer: 'https://idp.example', id: 'mine' }, clientUrl: 'https://me.example/c' },
      true,
      'mine',
    ],
    [
      'is a document where that is taken',
      { clientUrl: 'https://me.example/c' },
      true,
      'https://me.example/c',
    ],
    [
      'is none where there is nothing to be',
      { clientUrl: 'https://me.example/c' },
      false,
      undefined,
    ],
  ] as const)
    // prettier-ignore
    test(name, async () => {
      const stop = new AbortController();
      let shown: URL | undefined;
      const done = signIn({
        where: { ...where, takesClientUrl },
        ...own,
        scopes: [],
        fetch,
        signal: stop.signal,
        show(url) {
          shown = url;
          setImmediate(() => stop.abort());
        },
      });
      await assert.rejects(
        done,
        want === undefined ? /does not know this gateway/u : /nobody came back/u,
      );
      assert.equal(shown?.searchParams.get('client_id') ?? undefined, want);
    });
});
