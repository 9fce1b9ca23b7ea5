import type { Config } from '../config/config.ts';
import type { Lock } from './lock.ts';

/** The lock, whose subjects say which tools the owner wants to give handles in place of results. */
export function withHandles(lock: Lock, { mcpServers }: Pick<Config, 'mcpServers'>): Lock {
  const named = new Map<string, ReadonlySet<string>>();
  for (const { name, handles } of Object.values(mcpServers))
    if (handles !== undefined) named.set(name, new Set(handles));
  if (named.size === 0) return lock;
  return {
    ...lock,
    [Symbol.asyncDispose]: async () => await lock[Symbol.asyncDispose](),
    subject(server, kind, name, definition) {
      const subject = lock.subject(server, kind, name, definition);
      const tools = named.get(server);
      const isNamed = kind === 'tool' && (tools?.has(name) === true || tools?.has('*') === true);
      return isNamed ? { ...subject, asHandle: true } : subject;
    },
  };
}
