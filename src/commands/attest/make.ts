import inspector from 'node:inspector';
import { isNonce } from '../../attest/claims.ts';
import { openAttestKey } from '../../attest/key.ts';
import { makeAttestation } from '../../attest/make.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { packageVersion } from '../../lib/package-root.ts';
import { stateLayout } from '../../state/layout.ts';
import type { Command } from '../command.ts';
import { configOf } from '../config-of.ts';
import { parseOptions } from '../parse-options.ts';
import { measureHere } from './measure-here.ts';
import { quoteHere } from './quote-here.ts';
import { showMeasurements, showTpm } from './show.ts';

export const command = {
  summary: 'sign what runs here',
  usage:
    'Usage: sallyport attest [--nonce N] [--audience WHO] [--tpm TCTI] [--config FILE] [--json]',
  async run(argv, io) {
    const { values } = parseOptions('attest', argv, {
      nonce: { type: 'string' },
      audience: { type: 'string' },
      tpm: { type: 'string' },
      config: { type: 'string' },
      json: { type: 'boolean' },
    });
    const { nonce, audience } = values;
    requireNonce(nonce);
    const config = await configOf(values.config, io);
    const key = await openAttestKey(stateLayout(config.state.path).attestKey);
    const measurements = await measureHere(config, io.env);
    const { claims, token } = await makeAttestation({
      measurements,
      key,
      version: packageVersion(),
      debuggable: inspector.url() !== undefined,
      now: new Date(),
      nonce,
      audience,
      prove: async (bound) => await quoteHere(bound, io.env, values.tpm),
    });
    // Standard output is the token and nothing else: it goes into a file or over a line.
    io.stdout.write(
      values.json === true ? `${JSON.stringify({ token, claims, measurements })}\n` : `${token}\n`,
    );
    if (values.json !== true)
      io.stderr.write(
        `${showMeasurements(measurements)}${showTpm(claims)}signed by ${key.kid}, good until ${new Date(claims.exp * 1000).toISOString()}\n`,
      );
    return EXIT.ok;
  },
} satisfies Command;

/** Throws a `Fault` for what cannot be a nonce of a token. */
export function requireNonce(nonce: string | undefined): void {
  if (nonce !== undefined && !isNonce(nonce))
    throw new Fault('Cannot use --nonce: it takes 8 to 88 characters without spaces', {
      hint: 'openssl rand -hex 16 makes one',
    });
}
