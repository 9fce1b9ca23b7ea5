import type { Config } from '../config/config.ts';
import type { Lock } from './lock.ts';

/** Whether the configuration names a tool whose results the model gets as handles. */
export function createIsNamed({
  mcpServers,
}: Pick<Config, 'mcpServers'>): (server: string, tool: string) => boolean {
  const named = new Map<string, ReadonlySet<string>>();
  for (const { name, handles } of Object.values(mcpServers))
    if (handles !== undefined) named.set(name, new Set(handles));
  return function isNamed(server, tool) {
    const tools = named.get(server);
    return tools?.has(tool) === true || tools?.has('*') === true;
  };
}

/** The lock, whose subjects say which tools the owner wants to give handles in place of results. */
export function withHandles(lock: Lock, config: Pick<Config, 'mcpServers'>): Lock {
  const isNamed = createIsNamed(config);
  return {
    ...lock,
    [Symbol.asyncDispose]: async () => await lock[Symbol.asyncDispose](),
    subject(server, kind, name, definition) {
      const subject = lock.subject(server, kind, name, definition);
      return kind === 'tool' && isNamed(server, name) ? { ...subject, asHandle: true } : subject;
    },
  };
}
