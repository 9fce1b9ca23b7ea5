import { isJsonObject, type JsonObject } from '../../lib/json.ts';

/** Where a message says which task it belongs to (MCP 2025-11-25, tasks). */
const RELATED_TASK = 'io.modelcontextprotocol/related-task';

/** The id of the task that a message names; `undefined`: none. */
export function relatedTask({ _meta: meta }: JsonObject): string | undefined {
  const named = isJsonObject(meta) ? meta[RELATED_TASK] : undefined;
  const id = isJsonObject(named) ? named['taskId'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** The same message about another task, or about none: an id of one side is never shown to the other. */
export function withRelatedTask(message: JsonObject, taskId: string | undefined): JsonObject {
  const { _meta: meta, ...rest } = message;
  if (taskId === undefined && !(isJsonObject(meta) && RELATED_TASK in meta)) return message;
  const { [RELATED_TASK]: _other, ...kept } = isJsonObject(meta) ? meta : {};
  const own = taskId === undefined ? kept : { ...kept, [RELATED_TASK]: { taskId } };
  return Object.keys(own).length > 0 ? { ...rest, _meta: own } : rest;
}

/** What a tool says of being run as a task. */
export function taskSupport({ execution }: JsonObject): 'required' | 'optional' | 'forbidden' {
  const support = isJsonObject(execution) ? execution['taskSupport'] : undefined;
  return support === 'required' || support === 'optional' ? support : 'forbidden';
}

const DECIDES = 'sallyport/server-decides';

/**
 * What stands in the legacy welcome of a server with the tasks extension (2026-07-28): there no tool says whether it runs
 * as a task, and any call may turn out to. A legacy server that claims it is taken at its word.
 */
export const SERVER_DECIDES: JsonObject = {
  tasks: { cancel: {}, requests: { tools: { call: { [DECIDES]: true } } } },
};

/** How a server with these capabilities runs calls as tasks: as each tool says, as it likes, or not at all. */
export function runsTasks({ tasks }: JsonObject): 'as-tools-say' | 'as-it-likes' | 'never' {
  const requests = isJsonObject(tasks) ? tasks['requests'] : {};
  const tools = isJsonObject(requests) ? requests['tools'] : {};
  const call = isJsonObject(tools) ? tools['call'] : undefined;
  if (call === undefined) return 'never';
  return isJsonObject(call) && call[DECIDES] === true ? 'as-it-likes' : 'as-tools-say';
}
