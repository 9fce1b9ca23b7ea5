import { createTpm, tctiOf } from '../../attest/tpm.ts';
import { EXIT } from '../../lib/fault.ts';
import type { Command } from '../command.ts';
import { parseOptions } from '../parse-options.ts';

export const command = {
  summary: 'the key of the TPM that signs quotes here',
  usage: 'Usage: sallyport attest ak [--tpm TCTI]',
  async run(argv, io) {
    const { values } = parseOptions('attest ak', argv, { tpm: { type: 'string' } });
    io.stdout.write(await createTpm(tctiOf(io.env, values.tpm), io.env).publicKey());
    return EXIT.ok;
  },
} satisfies Command;
