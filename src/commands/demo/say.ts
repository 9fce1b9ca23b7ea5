import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CallToolResultSchema, McpError } from '@modelcontextprotocol/sdk/types.js';

export type Say = (line: string) => void;

/** A line that begins with `# ` is the title of the next step. */
export function withSteps(say: Say): Say {
  let step = 0;
  return (line) => say(line.startsWith('# ') ? `\n${++step}. ${line.slice(2)}` : line);
}

/** What a tool answered, in the parts that the story tells. */
export type Reply = {
  readonly text: string;
  readonly isError: boolean;
  readonly denial: string | undefined;
  readonly data: Record<string, unknown>;
};

export async function names(client: Client): Promise<string[]> {
  return (await client.listTools()).tools.map(({ name }) => name);
}

/** Calls a tool; a tool that fails is an answer. */
export async function call(
  client: Client,
  name: string,
  args: Record<string, unknown>,
): Promise<Reply> {
  const result = CallToolResultSchema.parse(
    await client.callTool({ name, arguments: args }, undefined, { timeout: 120_000 }),
  );
  const text = result.content
    .map((item) => (item.type === 'text' ? item.text : `(${item.type})`))
    .join('\n');
  const details = result._meta?.['sallyport/denial'];
  const denial =
    typeof details === 'object' && details !== null && 'code' in details
      ? String(details.code)
      : undefined;
  return { text, denial, isError: result.isError === true, data: result.structuredContent ?? {} };
}

/** The error with which a call is refused; throws where it is not. */
export async function failure(
  client: Client,
  name: string,
  args: Record<string, unknown>,
): Promise<McpError> {
  try {
    await client.callTool({ name, arguments: args });
  } catch (thrown) {
    if (thrown instanceof McpError) return thrown;
    throw thrown;
  }
  throw new Error(`${name} was not refused`);
}
