import { Fault } from '../lib/fault.ts';
import { suggest } from '../lib/suggest.ts';
import type { Command, Io } from './command.ts';

/** Every action with its own options, in the order of `--help`. */
const ACTIONS: Readonly<Record<string, () => Promise<Command>>> = {
  test: async () => (await import('./policy/test.ts')).command,
  diff: async () => (await import('./policy/diff.ts')).command,
  schema: async () => (await import('./policy/schema.ts')).command,
  keygen: async () => (await import('./policy/keygen.ts')).command,
  sign: async () => (await import('./policy/sign.ts')).command,
  verify: async () => (await import('./policy/verify.ts')).command,
};

export const command = {
  summary:
    'test policies, compare them on past calls, print their schema, sign them as a bundle, verify one',
  usage: `Usage: sallyport policy test TESTS.json… [--policies FILE|DIR… | --config FILE]
       sallyport policy diff A B [--log DIR] [--config FILE]
       sallyport policy schema [--config FILE] [--json]
       sallyport policy keygen NAME
       sallyport policy sign FOLDER --key FILE --name NAME --version N --expires TIME
       sallyport policy sign FOLDER --key FILE
       sallyport policy verify [FOLDER --key FILE… [--threshold N]]

test    whether policies decide as a file of tests says, in the format of cedar run-tests
diff    what policies B would have said to the calls in an audit, where A says otherwise
schema  the Cedar schema for editors: accepted tools, their classes and arguments
keygen  makes an Ed25519 pair: NAME.key signs, NAME.pub is what gateways are given
sign    makes a bundle of a folder with policies; without --version adds a signature to one
verify  whether a bundle would be loaded: signatures, time, files, policies

  --key FILE       sign: a private key; verify: a public key, may be repeated
  --name NAME      which bundle this is; a gateway takes no other in its place
  --version N      a whole number that grows; a gateway never goes back
  --expires TIME   30d, or 2027-01-01T00:00:00Z; from then on it is not loaded
  --not-before TIME  by default now
  --threshold N    how many different keys must have signed, by default 1
  --policies PATH  test: policies, may be repeated; by default those of the configuration
  --log DIR        diff: the audit folder; by default that of the configuration
  --config FILE    the configuration that names them; by default as for sallyport check
  --json           one JSON document

Exit code: 0 done, passed, the same or verified; 1 not; 2 wrong use.
`,
  async run(argv: readonly string[], io: Io): Promise<number> {
    const [name = '', ...rest] = argv;
    const load = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (load) return await (await load()).run(rest, io);
    const near = suggest(name, Object.keys(ACTIONS));
    throw new Fault(`Cannot run policy ${name}: there is no such action`.replace('  ', ' '), {
      hint: near
        ? `did you mean sallyport policy ${near}?`
        : `one of ${Object.keys(ACTIONS).join(', ')}`,
    });
  },
} satisfies Command;
