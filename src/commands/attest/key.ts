import { openAttestKey } from '../../attest/key.ts';
import { EXIT } from '../../lib/fault.ts';
import { publicHalf } from '../../signing/keys.ts';
import { stateLayout } from '../../state/layout.ts';
import type { Command } from '../command.ts';
import { configOf } from '../config-of.ts';
import { parseOptions } from '../parse-options.ts';

export const command = {
  summary: 'the public key that verifies what is signed here',
  usage: 'Usage: sallyport attest key [--config FILE] [--json]',
  async run(argv, io) {
    const { values } = parseOptions('attest key', argv, {
      config: { type: 'string' },
      json: { type: 'boolean' },
    });
    const config = await configOf(values.config, io, false);
    const key = await openAttestKey(stateLayout(config.state.path).attestKey);
    const { pem } = publicHalf(key);
    io.stdout.write(
      values.json === true ? `${JSON.stringify({ kid: key.kid, publicKey: pem })}\n` : pem,
    );
    return EXIT.ok;
  },
} satisfies Command;
