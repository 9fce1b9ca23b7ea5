import * as z from 'zod';
import { POOL } from '../sandbox/pool-settings.ts';
import { TIERS } from '../sandbox/tier.ts';
import { egressSchema } from './egress.ts';
import { tiersSchema } from './tier-ways.ts';
import { integer, MINUTE, SECOND, word } from './values.ts';

const runtimeName = word.regex(/^[A-Za-z0-9_.-]+$/u, {
  error: 'it is no name of a Docker runtime',
});

/** What stands below `builtin.code`. */
export const codeSchema = z.strictObject({
  languages: z
    .array(z.enum(['python', 'javascript', 'bash']))
    .min(1)
    .default(['python', 'javascript', 'bash']),
  tier: z.enum(TIERS).default('gvisor'),
  egress: egressSchema,
  timeoutMs: integer(100, 10 * MINUTE).default(30 * SECOND),
  memoryMiB: integer(32, 16_384).default(512),
});

/** What stands below `sandbox`. */
export const sandboxSchema = z.strictObject({
  runtime: runtimeName
    .refine((name) => !/^(?:runc|crun|youki|io\.containerd\.runc\..*)$/u.test(name), {
      error: 'it shares the kernel of this machine; the gvisor tier needs runsc',
    })
    .default('runsc'),
  images: z
    .partialRecord(
      z.enum(['python', 'javascript', 'bash']),
      word.regex(/^[^@\s]+$|^(?:[^@\s]+@)?sha256:[0-9a-f]{64}$/u, {
        error: 'an image is a name, or pinned: name@sha256: and 64 hexadecimal digits',
      }),
    )
    .default({}),
  kata: runtimeName.default('kata'),
  tiers: tiersSchema,
  pool: z
    .strictObject({
      size: integer(0, 32).default(POOL.size),
      max: integer(1, 64).default(POOL.max),
      idleMs: integer(SECOND, 60 * MINUTE).default(POOL.idleMs),
    })
    .prefault({}),
  docker: z
    .strictObject({
      host: word
        .regex(/^(?:unix|npipe|tcp|http|https|ssh):\/\//u, {
          error: 'expected a Docker host such as unix:///var/run/docker.sock',
        })
        .optional(),
    })
    .prefault({}),
});
