import { domainToASCII } from 'node:url';
import { isHost, readDestination, type Destination } from './destination.ts';

/** One place that programs may connect to. */
export type EgressRule = Destination & {
  /** Any one label in front of `host`. */
  readonly wildcard: boolean;
  /** HTTP without TLS, because the owner wrote `http://`. */
  readonly plain: boolean;
};

const ENTRY = /^(http:\/\/)?(\*\.)?([^\s*/:@?#%\\[\]]+)(?::([1-9]\d{0,4}))?$/u;

/**
 * Reads an entry of a configuration: `api.example.com`, `*.example.com:8443`, `http://mirror.example.com`. The port is 443,
 * after `http://` 80. International names become ASCII here and nowhere else. Returns what is wrong as a text.
 */
export function readRule(entry: string): EgressRule | string {
  const [, scheme, star, name = '', port] = ENTRY.exec(entry) ?? [];
  const plain = scheme !== undefined;
  const host = domainToASCII(name).toLowerCase();
  if (!isHost(host))
    return 'expected a host such as api.example.com, *.example.com:8443 or http://mirror.example.com; no address, no path';
  const destination = readDestination(`${host}:${port ?? (plain ? 80 : 443)}`);
  if (!destination) return 'the port is 1 to 65535';
  return { ...destination, wildcard: star !== undefined, plain };
}

/** The rule that allows the destination: one that names it before one with a wildcard. */
export function findRule<T extends EgressRule>(
  rules: readonly T[],
  { host, port }: Destination,
): T | undefined {
  const here = rules.filter((rule) => rule.port === port);
  const parent = host.slice(host.indexOf('.') + 1);
  return (
    here.find((rule) => !rule.wildcard && rule.host === host) ??
    here.find((rule) => rule.wildcard && rule.host === parent)
  );
}
