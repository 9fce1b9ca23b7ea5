import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DockerOptions } from 'dockerode';
import { Fault } from '../lib/fault.ts';

const HINT =
  'DOCKER_CERT_PATH is the folder of ca.pem, cert.pem and key.pem; whoever runs the engine issues them';

/**
 * `ca.pem`, `cert.pem` and `key.pem` of a folder, looked at before anybody is asked. `required`: the folder was named, so
 * all three have to be there; else the system's authorities stand in for those that are not. Throws `Fault`.
 */
export function readCertificates(
  folder: string,
  required: boolean,
): Pick<DockerOptions, 'ca' | 'cert' | 'key'> {
  const given = (name: string): string | undefined => {
    const file = join(folder, name);
    return required || existsSync(file) ? readFile(file) : undefined;
  };
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map(given);
  if (ca !== undefined) readCertificate(ca, join(folder, 'ca.pem'));
  if (cert === undefined || key === undefined) return { ca };
  const certificate = readCertificate(cert, join(folder, 'cert.pem'));
  if (!certificate.checkPrivateKey(readKey(key, join(folder, 'key.pem'))))
    throw wrong(`${join(folder, 'key.pem')} is not the key of cert.pem`);
  // The engine would close the connection and say no more.
  if (new Date(certificate.validTo) < new Date())
    throw wrong(`${join(folder, 'cert.pem')} was valid until ${certificate.validTo}`);
  return { ca, cert, key };
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    throw wrong(
      code === 'ENOENT' ? `there is no ${file}` : `${file} cannot be read (${String(code)})`,
      cause,
    );
  }
}

function readCertificate(text: string, file: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw wrong(`${file} is no certificate in PEM`, cause);
  }
}

function readKey(text: string, file: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw wrong(`${file} is no private key in PEM without a passphrase`, cause);
  }
}

function wrong(why: string, cause?: unknown): Fault {
  return new Fault(`Cannot use Docker: ${why}`, { hint: HINT, cause });
}
