import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { Denial } from '../../denial.ts';
import { packageRoot } from '../../lib/package-root.ts';
import { makePrivateFolder } from '../../state/private-file.ts';
import type { EgressRecord } from './exchange.ts';
import { openProxy, type Proxy, type ProxyOptions } from './proxy.ts';

export type EgressOptions = Omit<ProxyOptions, 'record' | 'log'> & {
  /** Makes it if need be. Of the gateway alone; each sandbox sees one folder in it. */
  readonly folder: () => string;
  /** Writes to the audit. Throws when the record may be lost. */
  readonly record: (record: EgressRecord & Whose) => void;
};

/** Whose connections these are; the trace is that of the call. */
export type Whose = { readonly sandbox: string; readonly traceId?: string };

/** The way out of one sandbox, as its container needs it. */
export interface EgressLease {
  /** A folder of the host, to be bound read-only at `EGRESS_TARGET`. */
  readonly folder: string;
  /** Until it is said whose they are, nobody connects. */
  readonly serve: (whose: Whose) => void;
  /** Cuts every connection and removes the folder. */
  readonly close: () => Promise<void>;
}

const FILES = ['shim.py', 'shim.sh', 'preload.cjs'] as const;
/** A unix socket's name fits 108 bytes with the NUL behind it (unix(7)). */
const MAX_PATH = 107;

/** Opens the way out for the sandbox `name`. Throws `sandbox-unavailable` where there is no room for a socket. */
export async function openLease(
  name: string,
  { folder: makeParent, record, ...options }: EgressOptions & Pick<ProxyOptions, 'log'>,
): Promise<EgressLease> {
  const parent = makeParent();
  const folder = join(parent, name);
  const path = join(folder, 's');
  if (Buffer.byteLength(path) > MAX_PATH)
    throw new Denial('sandbox-unavailable', `Cannot run the program: ${path} is too long`, {
      hint: 'give state.path a shorter name',
    });
  makePrivateFolder(parent);
  await mkdir(folder);
  let whose: Whose | undefined;
  let proxy: Proxy | undefined;
  try {
    await Promise.all([
      ...FILES.map(
        async (file) =>
          await copyFile(join(packageRoot(), 'sandbox-images', 'egress', file), join(folder, file)),
      ),
      // The images need no certificates of their own.
      writeFile(join(folder, 'ca.pem'), [...rootCertificates, ...(options.ca ?? [])].join('\n')),
    ]);
    const opened = await openProxy(path, {
      ...options,
      record(fields) {
        if (!whose) throw new TypeError('Cannot connect: no program runs yet');
        record({ ...fields, ...whose });
      },
    });
    proxy = opened;
    // Nobody's in the container is nobody's here: the folder above keeps the others of this machine out.
    await Promise.all([
      chmod(folder, 0o755),
      chmod(path, 0o666),
      ...[...FILES, 'ca.pem'].map(async (file) => await chmod(join(folder, file), 0o644)),
    ]);
    return {
      folder,
      serve(now) {
        whose = now;
      },
      async close() {
        await opened.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await proxy?.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
