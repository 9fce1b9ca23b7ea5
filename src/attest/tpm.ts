import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EXIT, Fault } from '../lib/fault.ts';
import { visible } from '../lib/visible.ts';
import type { TpmEvidence } from './claims.ts';

/** A TPM 2.0, spoken to with tpm2-tools. Everything throws a `Fault` that says what is missing. */
export type Tpm = {
  /** A quote over these bytes and the PCRs, as they are now. */
  readonly quote: (bound: Buffer) => Promise<TpmEvidence>;
  /** The public half of the key that signs quotes, as PEM. */
  readonly publicKey: () => Promise<string>;
};

const RESOURCE_MANAGER = '/dev/tpmrm0';
const ANSWER_MS = 60_000;
/** What was started and set up before this program. PCR 10 is not among them: it grows with each file that IMA measures. */
const PCRS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15];
const PCR_BYTES = 32;

/**
 * A signing key that never leaves the TPM and signs nothing but what the TPM itself says (restricted). Of the endorsement
 * hierarchy and this template there is one key in each TPM, the same after each start: nothing has to be kept.
 */
const CREATE = [
  ['-C', 'e'],
  ['-g', 'sha256'],
  ['-G', 'ecc256:ecdsa-sha256:null'],
  ['-a', 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign'],
].flat();

const run = promisify(execFile);

/** Where the TPM is, as tpm2-tools name it (TCTI): what was asked for, else `TPM2TOOLS_TCTI`, else the kernel's own. */
export function tctiOf(env: NodeJS.ProcessEnv, asked: string | undefined): string {
  const named = asked ?? env['TPM2TOOLS_TCTI'] ?? '';
  if (named !== '') return named;
  if (existsSync(RESOURCE_MANAGER)) return `device:${RESOURCE_MANAGER}`;
  throw lacking(`there is no ${RESOURCE_MANAGER}`);
}

/** Opens nothing yet. */
export function createTpm(tcti: string, env: NodeJS.ProcessEnv): Tpm {
  const toolEnv = {
    PATH: env['PATH'] ?? '/usr/bin:/bin',
    TPM2TOOLS_TCTI: tcti,
    TSS2_LOG: 'all+NONE',
  };

  async function tool(name: string, args: readonly string[], cwd: string): Promise<void> {
    try {
      await run(name, args, { cwd, env: toolEnv, timeout: ANSWER_MS, killSignal: 'SIGKILL' });
    } catch (cause) {
      throw lacking(whyOf(name, cause), cause);
    }
  }

  async function withKey<T>(use: (folder: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-tpm-'));
    try {
      await tool('tpm2_createprimary', ['-Q', ...CREATE, '-c', 'ak.ctx'], folder);
      return await use(folder);
    } finally {
      // A simulator has no resource manager that would forget the key with the connection.
      if (/^(?:swtpm|mssim)\b/u.test(tcti))
        await tool('tpm2_flushcontext', ['-Q', '-t'], folder).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    publicKey: async () =>
      await withKey(async (folder) => {
        const args = ['-Q', '-c', 'ak.ctx', '-f', 'pem', '-o', 'ak.pem'];
        await tool('tpm2_readpublic', args, folder);
        return await readFile(join(folder, 'ak.pem'), 'utf8');
      }),
    quote: async (bound) =>
      await withKey(async (folder) => {
        const what = [
          '-c',
          'ak.ctx',
          '-l',
          `sha256:${PCRS.join(',')}`,
          '-q',
          bound.toString('hex'),
        ];
        const out = ['-m', 'quote', '-s', 'signature', '-f', 'tss', '-o', 'pcrs', '-F', 'values'];
        await tool('tpm2_quote', ['-Q', '-g', 'sha256', ...what, ...out], folder);
        const read = async (name: string): Promise<Buffer> => await readFile(join(folder, name));
        const [quote, signature, pcrs] = [
          await read('quote'),
          await read('signature'),
          await read('pcrs'),
        ];
        return {
          quote: quote.toString('base64url'),
          signature: signature.toString('base64url'),
          pcrs: Object.fromEntries(
            PCRS.map((index, at) => [
              String(index),
              pcrs.toString('hex', at * PCR_BYTES, (at + 1) * PCR_BYTES),
            ]),
          ),
        };
      }),
  };
}

function whyOf(name: string, cause: unknown): string {
  if (!(cause instanceof Error)) return `${name} failed`;
  if ('code' in cause && cause.code === 'ENOENT') return `there is no ${name} (tpm2-tools)`;
  const said = 'stderr' in cause ? String(cause.stderr) : '';
  const [first = 'it gave no reason'] = said.split('\n').filter((line) => line.startsWith('ERROR'));
  return `${name}: ${visible(first.slice(0, 200))}`;
}

function lacking(why: string, cause?: unknown): Fault {
  return new Fault(`Cannot use a TPM: ${why}`, {
    exit: EXIT.environment,
    hint: 'it takes /dev/tpmrm0 (group tss), or --tpm TCTI, and tpm2-tools',
    cause,
  });
}
