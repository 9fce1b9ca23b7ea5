import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { readAk } from '../../attest/ak.ts';
import { AttestFault } from '../../attest/attest-fault.ts';
import { openAttestKey } from '../../attest/key.ts';
import { LEVELS, type Level } from '../../attest/level.ts';
import { readReference, type Reference } from '../../attest/reference.ts';
import { verifyAttestation, type Demands, type Verdict } from '../../attest/verify.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';
import { publicHalf, readPublicKey, type Key } from '../../signing/keys.ts';
import { stateLayout } from '../../state/layout.ts';
import type { Command, Io } from '../command.ts';
import { configOf } from '../config-of.ts';
import { parseOptions } from '../parse-options.ts';
import { requireNonce } from './make.ts';
import { showMeasurements, showTpm } from './show.ts';

const MAX_AGE_S = 300;

export const command = {
  summary: 'whether an attestation can be believed, and how much it proves',
  usage:
    'Usage: sallyport attest verify FILE|- [--key FILE…] [--nonce N] [--audience WHO] [--max-age S] [--expect FILE…] [--ak FILE] [--level LEVEL] [--json]',
  async run(argv, io) {
    const { values, positionals } = parseOptions(
      'attest verify',
      argv,
      {
        key: { type: 'string', multiple: true },
        nonce: { type: 'string' },
        audience: { type: 'string' },
        'max-age': { type: 'string' },
        expect: { type: 'string', multiple: true },
        level: { type: 'string' },
        ak: { type: 'string' },
        config: { type: 'string' },
        json: { type: 'boolean' },
      },
      true,
    );
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0)
      throw new Fault('Cannot run attest verify: it needs one FILE', {
        hint: 'sallyport attest > FILE makes one; - reads standard input',
      });
    requireNonce(values.nonce);
    const demands: Demands = {
      trusted: await trustedKeys(values, io),
      now: new Date(),
      maxAgeS: secondsOf(values['max-age']),
      nonce: values.nonce,
      audience: values.audience,
      references: await Promise.all((values.expect ?? []).map((each) => reference(each, io))),
      level: levelNamed(values.level),
      ak: values.ak === undefined ? undefined : await readKey(values.ak, io, readAk),
    };
    const text = await read(file, io);
    try {
      const verdict = await verifyAttestation(text, demands);
      io.stdout.write(values.json === true ? asJson(verdict) : asText(verdict, demands));
      return EXIT.ok;
    } catch (thrown) {
      if (!(thrown instanceof AttestFault)) throw thrown;
      const { problem, message, hint } = thrown;
      io.stdout.write(
        values.json === true
          ? `${JSON.stringify({ verified: false, problem, message, ...(hint === undefined ? {} : { hint }) })}\n`
          : `${visible(`not verified (${problem}): ${message}`)}\n${hint === undefined ? '' : `${visible(`hint: ${hint}`)}\n`}`,
      );
      return EXIT.no;
    }
  },
} satisfies Command;

function asText(verdict: Verdict, { nonce }: Demands): string {
  const { level, notHigher, kid, claims, measurements, compared, pcrs } = verdict;
  const { iat, dbgstat, swversion } = claims;
  const age = nonce === undefined ? ' (without --nonce it may be shown again)' : ' for this nonce';
  const expected = pcrs?.length ? `PCRs as expected: ${pcrs.join(' ')}\n` : '';
  const lower = notHigher.map((why) => visible(`not higher: ${why}\n`, '\n')).join('');
  return `verified: ${level}
${lower}signed by ${kid}, made at ${new Date(iat * 1000).toISOString()}${age}
${visible(`sallyport ${swversion.join(' ')}, debugger ${dbgstat}`)}
${showMeasurements(measurements, compared)}${showTpm(claims)}${expected}`;
}

function asJson(verdict: Verdict): string {
  return `${JSON.stringify({ verified: true, ...verdict })}\n`;
}

/** With keys on the command line no others count; else the one that this machine signs with. */
async function trustedKeys(
  { key: files, config: file }: { readonly key?: string[]; readonly config?: string },
  io: Io,
): Promise<ReadonlyMap<string, Key>> {
  if (files === undefined) {
    const config = await configOf(file, io, false);
    const { attestKey } = stateLayout(config.state.path);
    // A key made now would have signed nothing.
    if (!existsSync(attestKey))
      throw new Fault('Cannot verify an attestation: this machine has never made one', {
        hint: '--key FILE names the public key; sallyport attest key prints it where it was made',
      });
    const { key } = publicHalf(await openAttestKey(attestKey));
    return new Map([[key.kid, key]]);
  }
  const keys = await Promise.all(files.map(async (each) => await readKey(each, io, readPublicKey)));
  return new Map(keys.map((key) => [key.kid, key]));
}

async function readKey<T>(
  file: string,
  io: Io,
  parse: (text: string, path: string) => T,
): Promise<Awaited<T>> {
  const path = resolve(io.cwd, file);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadable(`the key ${path}`, cause);
  });
  return await parse(text, path);
}

async function reference(file: string, io: Io): Promise<Reference> {
  return readReference(await read(file, io), file);
}

function levelNamed(text: string | undefined): Level {
  const found = text === undefined ? 'self-asserted' : LEVELS.find((each) => each === text);
  if (found) return found;
  throw new Fault(`Cannot use --level: one of ${LEVELS.join(', ')}`);
}

async function read(file: string, io: Io): Promise<Uint8Array> {
  if (file === '-') return await buffer(io.stdin);
  const path = resolve(io.cwd, file);
  return await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
}

function unreadable(what: string, cause: unknown): Fault {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no reason';
  return new Fault(`Cannot read ${what}: ${code}`, { cause });
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return MAX_AGE_S;
  if (/^\d{1,7}$/u.test(text)) return Number(text);
  throw new Fault('Cannot use --max-age: it is a number of seconds');
}
