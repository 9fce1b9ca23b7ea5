import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Config, ServerConfig } from '../../config/config.ts';
import { writeSecret } from '../../identity/own-secret.ts';
import { stdioCaller } from '../../identity/stdio-caller.ts';
import { createVault, vaultKey } from '../../identity/vault.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { placeOf } from '../../own-secret-of.ts';
import { stateLayout } from '../../state/layout.ts';
import { makePrivateFolder } from '../../state/private-file.ts';
import type { Io } from '../command.ts';

/** Shorter ones would be masked in ordinary text, and are no secrets. */
const LENGTH = { least: 8, most: 16_384 } as const;

/** Asks for a person's own secret for one server and keeps it in the vault, or takes it out again. */
export async function keepSecret(
  server: ServerConfig,
  { config, io, forget }: { readonly config: Config; readonly io: Io; readonly forget: boolean },
): Promise<number> {
  const key = vaultKey(io.env);
  const { issuer, subject } = await stdioCaller(config.identity.stdio);
  const { root, vault: path } = stateLayout(config.state.path);
  makePrivateFolder(root);
  const secret = forget ? undefined : await ask(server.name, io);
  const entry = secret === undefined ? undefined : writeSecret(secret, placeOf(server));
  await createVault(path, key).change(
    { issuer, subject, server: server.name },
    async () => await Promise.resolve(entry),
  );
  io.stdout.write(`${forget ? 'Forgotten' : 'Kept'}: ${server.name}\n`);
  return EXIT.ok;
}

/** One line of stdin; at a terminal it is not shown. Never an argument: those stand in the list of processes. */
async function ask(server: string, { stdin, stderr }: Io): Promise<string> {
  const isTerminal = 'isTTY' in stdin && stdin.isTTY === true;
  if (isTerminal) stderr.write(`Your secret for ${server} (it is not shown): `);
  const secret = (isTerminal ? await typed(stdin) : await piped(stdin)).replace(/\r?\n$/u, '');
  if (isTerminal) stderr.write('\n');
  if (secret.length < LENGTH.least || secret.length > LENGTH.most || !/^[ -~]+$/u.test(secret))
    throw new Fault(
      `Cannot keep the secret: it is not ${LENGTH.least} to ${LENGTH.most} characters of ASCII on one line`,
      { exit: EXIT.usage },
    );
  return secret;
}

/** readline puts the terminal into raw mode, so that what is typed is seen only where readline writes it: nowhere. */
async function typed(input: Readable): Promise<string> {
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output, terminal: true, historySize: 0 });
  const stop = new AbortController();
  lines.once('close', () => stop.abort());
  try {
    return await lines.question('', { signal: stop.signal });
  } catch (cause) {
    throw new Fault('Cannot keep the secret: nothing was typed', { cause, exit: EXIT.no });
  } finally {
    lines.close();
  }
}

async function piped(input: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > LENGTH.most + 2) break;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}
