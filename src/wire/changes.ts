import type { AgentPort } from './agent.ts';
import type { Kind } from '../catalogue/definition.ts';

/** A client hears of an introduction when it shakes hands, and never again. */
const METHODS: Record<Kind, string | undefined> = {
  tool: 'notifications/tools/list_changed',
  resource: 'notifications/resources/list_changed',
  resourceTemplate: 'notifications/resources/list_changed',
  prompt: 'notifications/prompts/list_changed',
  introduction: undefined,
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
    const methods = kinds.flatMap((kind) => METHODS[kind] ?? []);
    if (due.size === 0 && methods.length > 0) setImmediate(flush);
    for (const method of methods) due.add(method);
  };
}
