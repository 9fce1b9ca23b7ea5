import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, Fault } from '../../lib/fault.ts';
import { writeFileAtomic } from '../../lib/write-file.ts';
import { generateKeys } from '../../signing/keys.ts';
import { createPrivateFile } from '../../state/private-file.ts';
import type { Command } from '../command.ts';
import { parseOptions } from '../parse-options.ts';

export const command = {
  summary: 'a key pair to sign bundles with',
  usage: 'Usage: sallyport policy keygen NAME',
  async run(argv, io) {
    const { values, positionals } = parseOptions(
      'policy keygen',
      argv,
      { json: { type: 'boolean' } },
      true,
    );
    const [name, ...more] = positionals;
    if (name === undefined || name === '' || more.length > 0)
      throw new Fault('Cannot run policy keygen: it needs one NAME', {
        hint: 'sallyport policy keygen ci makes ci.key and ci.pub',
      });
    const [secret, open] = [resolve(io.cwd, `${name}.key`), resolve(io.cwd, `${name}.pub`)];
    if (existsSync(open)) throw taken(open);
    const pair = await generateKeys();
    if (!createPrivateFile(secret, pair.privateKey)) throw taken(secret);
    await writeFileAtomic(open, pair.publicKey, 0o644);
    io.stdout.write(
      values.json === true
        ? `${JSON.stringify({ kid: pair.kid, private: secret, public: open })}\n`
        : `${secret}  signs: keep it where bundles are made, and nowhere else\n${open}  verifies: name it in policy.keys\nkey id ${pair.kid}\n`,
    );
    return EXIT.ok;
  },
} satisfies Command;

function taken(path: string): Fault {
  return new Fault(`Cannot make a key: ${path} is there already`, {
    hint: 'a key that is overwritten can never sign again; choose another name',
  });
}
