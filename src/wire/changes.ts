import type { AgentPort } from './agent.ts';
import type { Kind } from '../catalogue/definition.ts';

const METHODS: Record<Kind, string> = {
  tool: 'notifications/tools/list_changed',
  resource: 'notifications/resources/list_changed',
  resourceTemplate: 'notifications/resources/list_changed',
  prompt: 'notifications/prompts/list_changed',
};

/** Tells the client that lists have changed, once for all that happens in one turn. */
export function createChanges(
  port: AgentPort,
  isOpen: () => boolean,
): (kinds: readonly Kind[]) => void {
  const due = new Set<string>();

  function flush(): void {
    const methods = [...due];
    due.clear();
    // Before the client is there, it has no list that could be stale.
    if (isOpen()) for (const method of methods) port.send({ jsonrpc: '2.0', method });
  }

  return function announce(kinds) {
    if (due.size === 0 && kinds.length > 0) setImmediate(flush);
    for (const kind of kinds) due.add(METHODS[kind]);
  };
}
