import { posix } from 'node:path';
import * as z from 'zod';
import { egressSchema } from './egress.ts';
import { integer } from './values.ts';

/** Folders of every container that no mount may cover: its system, its scratch, and what the gateway puts there. */
const TAKEN = [
  'app', 'bin', 'boot', 'dev', 'etc', 'lib', 'lib32', 'lib64', 'libx32', 'proc', 'run', 'sbin', 'sys', 'tmp', 'usr', 'work',
]; // prettier-ignore

const path = z
  .string()
  .min(1, { error: 'it is empty' })
  .max(1024)
  .refine((value) => !/\p{Cc}/u.test(value), { error: 'it holds a control character' });

const inside = path
  .refine((value) => value.startsWith('/') && posix.normalize(value) === value, {
    error: 'expected an absolute path inside, without . or ..',
  })
  .refine((value) => !value.endsWith('/'), { error: 'it ends in a slash' });

const target = inside.refine(
  (value) => !TAKEN.includes(value.split('/')[1] ?? '') && !/^\/var\/run(?:\/|$)/u.test(value),
  {
    error: `this place is the container's own; take another, such as /data`,
  },
);

const host = path.refine(
  (value) =>
    /^(?:~(?=\/|$)|\/|[A-Za-z]:[\\/])/u.test(value) && !/(?:^|[\\/])\.\.?(?=[\\/]|$)/u.test(value),
  { error: 'expected an absolute path or one that begins with ~/, without . or ..' },
);

const mount = z.strictObject({
  host,
  path: target,
  readOnly: z.boolean().default(true),
});

/** An image by tag or digest, as Docker writes it (distribution, reference grammar). */
const image = z.string().regex(/^[a-z0-9][\w.:/-]{0,200}(?:@sha256:[0-9a-f]{64})?$/u, {
  error: 'expected an image such as sallyport/node or my/server@sha256:…',
});

/** Whether one of the folders holds the other, or they are the same. */
export function overlap(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return long === short || long.startsWith(short.endsWith('/') ? short : `${short}/`);
}

/** `mcpServers.X.sandbox`: the container that a stdio server runs in for its whole life. */
export const serverSandboxSchema = z.strictObject({
  image,
  mounts: z
    .array(mount)
    .max(32)
    .superRefine((mounts, context) => {
      for (const [at, { path: own }] of mounts.entries())
        if (mounts.slice(0, at).some((other) => overlap(other.path, own)))
          context.addIssue({
            code: 'custom',
            path: [at, 'path'],
            message: 'it lies inside of another mount, or another inside of it',
          });
    })
    .default([]),
  egress: egressSchema,
  memoryMiB: integer(32, 16_384).default(512),
  cpus: z.number().min(0.1).max(64).default(2),
  processes: integer(8, 512).default(64),
});

/** The working folder of a server inside. */
export const insideFolder = inside;
