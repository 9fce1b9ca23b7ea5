import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  ToolSchema,
  type CallToolResult,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { Denial } from '../../src/denial.ts';
import { ENDINGS } from '../../src/sandbox/execute.ts';
import { OUTPUT_ERRORS } from '../../src/sandbox/handover.ts';
import type { EgressEntry } from '../../src/sandbox/egress/exchange.ts';
import { placeholderOf } from '../../src/sandbox/egress/secret.ts';
import type { Language } from '../../src/sandbox/languages.ts';
import { LIMITS } from '../../src/sandbox/limits.ts';
import { PATHS } from '../../src/sandbox/path.ts';
import { readTerms } from '../../src/sandbox/terms.ts';
import type { Run, RunResult } from '../../src/sandbox/sandbox.ts';

export type CodeServerOptions = {
  /** Runs one program; `Sandbox.run`. */
  readonly run: (program: Run) => Promise<RunResult>;
  readonly languages: readonly Language[];
  /** Calls come through the gate, which says on which terms; else nobody's word counts for that. */
  readonly isGated: boolean;
  /** Where programs may connect to; absent: nowhere. */
  readonly egress?: readonly EgressEntry[];
  /** The time limit of a call that names none. */
  readonly timeoutMs: number;
  readonly version: string;
};

const input = z.strictObject({
  code: z.string().describe('The whole program'),
  stdin: z.string().optional().describe('What the program reads from its standard input'),
  timeoutMs: z
    .int()
    .min(100)
    .max(LIMITS.timeoutMs)
    .optional()
    .describe('Time limit in milliseconds; the program is killed when it is over'),
  files: z
    .record(z.string(), z.string())
    .optional()
    .describe('Text files laid into the working folder first, by relative path'),
  outputs: z
    .array(z.string())
    .max(LIMITS.outputCount)
    .optional()
    .describe('Files of the working folder to hand over afterwards, by relative path'),
});

const output = z.object({
  stdout: z.string(),
  stderr: z.string(),
  exitCode: z.int().describe('137 when the program was killed'),
  timedOut: z.boolean(),
  truncated: z.boolean().describe('The program wrote more than the limit and was killed'),
  ended: z.enum(ENDINGS),
  durationMs: z.int().min(0),
  tier: z.string().describe('The isolation that served'),
  driver: z.string().describe('How the sandbox was made'),
  path: z.enum(PATHS).describe('Whether the sandbox was ready before the call'),
  sandboxId: z.string(),
  outputs: z
    .record(
      z.string(),
      z.union([
        z.object({ text: z.string() }),
        z.object({ base64: z.string().describe('What is no plain text') }),
        z.object({ error: z.enum(OUTPUT_ERRORS) }),
      ]),
    )
    .optional()
    .describe('What the program left in the files that were asked for'),
});

const NAMES = {
  python: 'Python',
  javascript: 'JavaScript (Node.js)',
  bash: 'bash',
} as const satisfies Record<Language, string>;

/**
 * An MCP server with one tool per language, for any transport of the SDK. A program that fails is a result like any
 * other; only a sandbox that could not run it is an error.
 */
export function createCodeServer({
  run,
  languages,
  isGated,
  egress = [],
  timeoutMs,
  version,
}: CodeServerOptions): Server {
  const byTool = new Map(languages.map((language) => [`execute_${language}`, language]));
  const server = new Server({ name: 'sallyport-code', version }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: describeTools(languages, egress),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
    const language = byTool.get(params.name);
    if (!language) throw new McpError(ErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
    try {
      const {
        code,
        stdin,
        files,
        outputs,
        timeoutMs: wanted = timeoutMs,
      } = parse(params.arguments);
      const terms = isGated ? { terms: readTerms(params._meta) } : {};
      const given = {
        ...(stdin !== undefined && { stdin }),
        ...(files && { files }),
        ...(outputs && { outputs: [...new Set(outputs)] }),
      };
      return success(await run({ language, code, ...given, ...terms, timeoutMs: wanted, signal }));
    } catch (error) {
      return failure(Denial.from(error));
    }
  });
  return server;
}

/** The tools of a server for these languages, as it lists them. */
export function describeTools(
  languages: readonly Language[],
  egress: readonly EgressEntry[] = [],
): Tool[] {
  return languages.map((language) => describe(`execute_${language}`, language, egress));
}

function parse(given: unknown): z.infer<typeof input> {
  const { data, error } = input.safeParse(given ?? {});
  if (data) return data;
  const [first] = error.issues;
  const where = first?.path.map(String).join('.');
  throw new Denial(
    'arguments-invalid',
    `Cannot run the program: ${where ? `${where}: ` : ''}${first?.message ?? 'bad arguments'}`,
  );
}

function success(result: RunResult): CallToolResult {
  const structuredContent = { ...result };
  return {
    content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
    structuredContent,
  };
}

function failure({ code, message, hint }: Denial): CallToolResult {
  const text = hint === undefined ? message : `${message}\nhint: ${hint}`;
  return {
    isError: true,
    content: [{ type: 'text', text }],
    _meta: { 'sallyport/denial': { code } },
  };
}

/** What a program can reach, in words; the values of secrets are none of its business. */
function network(egress: readonly EgressEntry[]): string {
  if (egress.length === 0) return 'no network';
  const places = egress.map(({ plain, wildcard, host, port, secret }) => {
    const place = `${wildcard ? '*.' : ''}${host}:${port}`;
    const how = secret
      ? ` (with a credential: ask http://${place}/, and write ${placeholderOf(secret)} for it in the header ${secret.header})`
      : '';
    return `${plain ? 'http://' : 'https://'}${place}${how}`;
  });
  return `no network but ${places.join(', ')}`;
}

function describe(name: string, language: Language, egress: readonly EgressEntry[]): Tool {
  return ToolSchema.parse({
    name,
    title: `Run ${NAMES[language]}`,
    description:
      `Runs a ${NAMES[language]} program once, in a fresh sandbox that is thrown away afterwards: ${network(egress)}, no files ` +
      'but the given ones, nothing kept between calls. Print what you want to see, or name files to hand over in `outputs`; ' +
      'a non-zero exit code is not an error.',
    inputSchema: z.toJSONSchema(input),
    outputSchema: z.toJSONSchema(output),
    // Nothing outside the sandbox changes; what the program does inside is anything.
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: egress.length > 0,
    },
  });
}
