import { Fault } from '../lib/fault.ts';
import { suggest } from '../lib/suggest.ts';
import type { Command, Io } from './command.ts';

/** Every action with its own options, in the order of `--help`; without one an attestation is made. */
const ACTIONS: Readonly<Record<string, () => Promise<Command>>> = {
  verify: async () => (await import('./attest/verify.ts')).command,
  reference: async () => (await import('./attest/reference.ts')).command,
  ak: async () => (await import('./attest/ak.ts')).command,
  key: async () => (await import('./attest/key.ts')).command,
};

export const command = {
  summary: 'a signed statement of what runs here, for somebody who has to rely on it',
  usage: `Usage: sallyport attest [--nonce N] [--audience WHO] [--tpm TCTI] [--config FILE] [--json] > FILE
       sallyport attest verify FILE|- [--key FILE…] [--nonce N] [--audience WHO] [--max-age S]
                               [--expect FILE…] [--ak FILE] [--level LEVEL] [--json]
       sallyport attest reference [FOLDER | [--config FILE] [--tpm TCTI]] > FILE
       sallyport attest key > FILE
       sallyport attest ak [--tpm TCTI] > FILE

attest     signs digests of program, dependencies, Node, configuration, policies, lock file,
           runsc and images as an EAT (RFC 9711), a JWT; what is unknown says why;
           with a TPM its quote about all that is in it too
verify     whether such a token can be believed, and how much it proves
reference  the digests of what is here, or of an unpacked package in FOLDER, to compare with
key        the public key that verifies tokens made here, as PEM
ak         the public key with which the TPM here signs quotes, as PEM

  --nonce N       what the one who asks has chosen, 8 to 88 characters; verify: it has to be this one
  --audience WHO  for whom it is; verify: who you are
  --key FILE      verify: a public key that is trusted, may be repeated; by default this machine's own
  --max-age S     verify: how many seconds old it may be, by default 300
  --expect FILE   verify: a reference that every digest in it has to agree with, may be repeated
  --level LEVEL   verify: the least that is enough: self-asserted (the default), measured,
                  hardware-rooted
  --ak FILE       verify: the public key of a TPM that is trusted
  --tpm TCTI      the TPM, as tpm2-tools name it; by default $TPM2TOOLS_TCTI, else /dev/tpmrm0 if it is there
  --config FILE   the configuration to attest; by default as for sallyport check, without one that of wrap
  --json          one JSON document

Exit code: 0 made or verified; 1 not verified; 2 wrong use or configuration; 3 no TPM where --tpm asks for it.
`,
  async run(argv: readonly string[], io: Io): Promise<number> {
    const [name = '', ...rest] = argv;
    if (name === '' || name.startsWith('-'))
      return await (await import('./attest/make.ts')).command.run(argv, io);
    const load = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (load) return await (await load()).run(rest, io);
    const near = suggest(name, Object.keys(ACTIONS));
    throw new Fault(`Cannot run attest ${name}: there is no such action`, {
      hint: near
        ? `did you mean sallyport attest ${near}?`
        : `none, or one of ${Object.keys(ACTIONS).join(', ')}`,
    });
  },
} satisfies Command;
