/** Where a program wants to: a name in lower-case ASCII, never an address, and a port. */
export type Destination = { readonly host: string; readonly port: number };

/**
 * At least two labels, the last one beginning with a letter: `2130706433`, `0x7f.1`, `127.1`, `[::1]`, `localhost` and
 * names that end in a dot are no hosts, so no resolver is asked to make an address of them.
 */
const HOST =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/u;

/** Whether `host`, in lower case, is a name in the one spelling that is compared. */
export function isHost(host: string): boolean {
  return HOST.test(host);
}

/** Reads `host:port`, ASCII in any case; without a port where `port` is given. Undefined for anything else. */
export function readDestination(text: string, port?: number): Destination | undefined {
  const [, name = '', written = port === undefined ? undefined : String(port)] =
    /^([A-Za-z0-9.-]+)(?::([1-9]\d{0,4}))?$/u.exec(text) ?? [];
  const host = name.toLowerCase();
  const number = Number(written);
  return isHost(host) && number <= 65_535 ? { host, port: number } : undefined;
}
