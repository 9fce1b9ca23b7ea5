import { isIP } from 'node:net';

export type Address = { readonly host: string; readonly port: number };

/** Reads `[HOST:]PORT`, the loopback address where no host stands; undefined: it is nothing of the kind. */
export function readAddress(text: string): Address | undefined {
  const at = text.lastIndexOf(':');
  const digits = text.slice(at + 1);
  const host = at === -1 ? '127.0.0.1' : text.slice(0, at).replace(/^\[(.*)\]$/u, '$1');
  const isHost = host !== '' && (!host.includes(':') || isIP(host) === 6);
  if (!isHost || !/^\d{1,5}$/u.test(digits) || Number(digits) > 65_535) return undefined;
  return { host, port: Number(digits) };
}

/** Whether only this machine reaches it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
