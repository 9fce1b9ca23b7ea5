import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { ModernRefusal } from './refusal.ts';

/** What a `subscriptions/listen` wants to hear of: notifications by the member that asks for them, and resources. */
export type Filter = {
  readonly lists: ReadonlyMap<string, string>;
  readonly uris: readonly string[];
  /** It names tasks, of which the gate tells nothing here: it agrees to none of them. */
  readonly wantsTasks: boolean;
};

const LISTS = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
} as const;
const MAX_URIS = 256;

/** Reads the parameters of a `subscriptions/listen` (MCP 2026-07-28, subscriptions). Throws `ModernRefusal`. */
export function readFilter({ notifications }: JsonObject): Filter {
  if (!isJsonObject(notifications)) throw malformed('it has no notifications');
  const lists = new Map<string, string>();
  for (const [member, method] of Object.entries(LISTS)) {
    const wanted = notifications[member];
    if (wanted !== undefined && typeof wanted !== 'boolean')
      throw malformed(`${member} is not a boolean`);
    if (wanted === true) lists.set(member, method);
  }
  const { resourceSubscriptions: wanted = [] } = notifications;
  if (!Array.isArray(wanted) || wanted.length > MAX_URIS)
    throw malformed(`resourceSubscriptions is not a list of at most ${MAX_URIS} URIs`);
  const uris = wanted.filter((uri: unknown): uri is string => typeof uri === 'string');
  if (uris.length < wanted.length) throw malformed('resourceSubscriptions has what is no URI');
  return { lists, uris: [...new Set(uris)], wantsTasks: notifications['taskIds'] !== undefined };
}

function malformed(why: string): ModernRefusal {
  return new ModernRefusal('params-malformed', `Cannot listen: ${why}`);
}
