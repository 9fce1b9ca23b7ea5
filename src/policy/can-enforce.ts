import type { Call } from '../call.ts';
import type { Config } from '../config/config.ts';
import { isAtLeast, isTier } from '../sandbox/tier.ts';
import { OWN_SERVER } from '../plans/names.ts';
import { HANDLE, isRedactable, type Obligation } from './obligations.ts';

export type CanEnforce = (call: Call, obligation: Obligation) => boolean;

/**
 * Isolation is what the built-in code tools give, and servers that run in a sandbox; lists of hosts what the code tools
 * give; redaction and handles what is done to results that go to the model; nothing else is promised that is not done.
 */
export function createCanEnforce({ mcpServers }: Pick<Config, 'mcpServers'>): CanEnforce {
  const isolated = new Set<string>();
  for (const server of Object.values(mcpServers))
    if (server.kind === 'stdio' && server.sandbox) isolated.add(server.name);

  return function canEnforce(call, { kind, value }) {
    const { subject } = call;
    if (kind === 'redact') return subject.kind !== 'request' && isRedactable(value);
    if (subject.kind !== 'tool') return false;
    if (kind === 'returns') return value === HANDLE && canBeHandle(call);
    if (kind === 'egress') return subject.server === 'code';
    if (kind !== 'isolation' || !isTier(value)) return false;
    // The code tools are told the tier and do not run without; a server's container is what it is.
    return (
      subject.server === 'code' || (isAtLeast('gvisor', value) && isolated.has(subject.server))
    );
  };
}

/**
 * A client that was told of an `outputSchema` takes no handle for a result; what the gateway says of plans is its own and
 * hides nothing. What a run of a plan gives no client sees as it is.
 */
function canBeHandle({ method, subject, session }: Call): boolean {
  if (method !== 'tools/call' || subject.server === OWN_SERVER) return false;
  const hasShape = subject.definition['outputSchema'] !== undefined;
  return !hasShape || subject.asHandle === true || session.step?.isRun === true;
}
