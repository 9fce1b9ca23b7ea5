import type { Log } from './audit/log.ts';
import type { Entry } from './catalogue/catalogue.ts';
import type { Kind } from './catalogue/definition.ts';

export type HeldBack = (server: string, kind: Kind, entries: readonly Entry[]) => void;

const MAX_NAMED = 10;

/**
 * Tells the owner in the log which definitions nobody may see, and why: an empty list must not be a riddle. Once for each
 * change, however many clients list them.
 */
export function createHeldBack(
  log: Pick<Log, 'warn'>,
  howToAccept: (server: string, name: string) => string,
): HeldBack {
  const told = new Map<string, string>();

  return function heldBack(server, kind, entries) {
    const held = entries.flatMap(({ subject, quarantine }) =>
      quarantine && subject.server === server ? [`${subject.name}: ${quarantine.detail}`] : [],
    );
    const key = `${server} ${kind}`;
    const state = held.toSorted().join('\n');
    if ((told.get(key) ?? '') === state) return;
    told.set(key, state);
    if (held.length > 0)
      log.warn(
        { server, kind, count: held.length, definitions: held.slice(0, MAX_NAMED) },
        `definitions are held back; ${howToAccept(server, '')}`,
      );
  };
}

/** What the owner can do about a definition that is not accepted; `single`: of the one server that is wrapped. */
export function createHowToAccept(
  single: boolean,
  lock: string,
): (server: string, name: string) => string {
  return function howToAccept(server, name) {
    return single
      ? `the owner can trust the server as it is now by removing ${lock} and starting it again`
      : `the owner can look at it with \`sallyport pin --diff\` and accept it with \`sallyport pin --accept ${target(server, name)}\``;
  };
}

/** It is pasted into a shell, and the name is the upstream's: what a shell could obey is left out. */
function target(server: string, name: string): string {
  return /^[\w.:/@-]{1,128}$/u.test(name) ? `${server}/${name}` : server;
}
