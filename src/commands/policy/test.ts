import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { configuredTexts } from '../../configured-policy.ts';
import { loadConfig } from '../../config/load.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { JsonError, parseJson } from '../../lib/json.ts';
import { finish } from '../../lib/steps.ts';
import { visible } from '../../lib/visible.ts';
import { createCedar } from '../../policy/cedar.ts';
import { compile } from '../../policy/compile.ts';
import { createEngine } from '../../policy/engine.ts';
import { shippedParsed } from '../../policy/parsed.ts';
import { PolicyFault } from '../../policy/problem.ts';
import { policyTests, runTest, type PolicyTest } from '../../policy/run-tests.ts';
import { readTexts, type Texts } from '../../policy/texts.ts';
import type { Command, Io } from '../command.ts';
import { parseOptions } from '../parse-options.ts';

const LIMITS = { maxBytes: 16 * 1024 * 1024, maxDepth: 32 } as const;

export const command = {
  summary: 'whether policies decide as a file of tests says',
  usage: 'Usage: sallyport policy test TESTS.json… [--policies FILE|DIR… | --config FILE] [--json]',
  async run(argv, io) {
    const { values, positionals } = parseOptions(
      'policy test',
      argv,
      {
        policies: { type: 'string', multiple: true },
        config: { type: 'string' },
        json: { type: 'boolean' },
      },
      true,
    );
    if (positionals.length === 0)
      throw new Fault('Cannot run policy test: it needs a file with tests', {
        hint: 'the format is that of `cedar run-tests`; docs/policy.md has an example',
      });
    const texts = await textsOf(values, io);
    const cedar = createCedar();
    const compiled = compile(cedar, texts.sources, texts.base, shippedParsed(cedar), texts.tools);
    const problems = [...texts.problems, ...compiled.problems];
    if (problems.length > 0) throw new PolicyFault(problems);
    const engine = finish(createEngine(cedar, compiled, () => new Date()));
    const results: { file: string; name: string; why: string | undefined }[] = [];
    for (const file of positionals)
      for (const [at, each] of (await readTests(resolve(io.cwd, file), file)).entries())
        results.push({
          file,
          name: each.name ?? `#${at + 1}`,
          why: runTest(engine, each, texts.tools),
        });
    const failed = results.filter(({ why }) => why !== undefined);
    io.stdout.write(
      values.json === true
        ? `${JSON.stringify({ passed: results.length - failed.length, failed })}\n`
        : `${failed.map(({ file, name, why }) => `${visible(`failed  ${file}: ${name}: ${why}`)}\n`).join('')}${results.length - failed.length} of ${results.length} tests passed\n`,
    );
    return failed.length === 0 ? EXIT.ok : EXIT.no;
  },
} satisfies Command;

async function textsOf(
  { policies, config: file }: { readonly policies?: string[]; readonly config?: string },
  io: Io,
): Promise<Texts> {
  if (policies) return await readTexts(policies.map((path) => resolve(io.cwd, path)));
  const path = file === undefined ? {} : { path: file };
  const config = await loadConfig({ ...path, env: io.env, cwd: io.cwd });
  return await configuredTexts(config);
}

async function readTests(path: string, file: string): Promise<PolicyTest[]> {
  const fault = (why: string, cause: unknown): Fault =>
    new Fault(`Cannot read the tests ${file}: ${why}`, { cause });
  try {
    const parsed = policyTests.safeParse(parseJson(await readFile(path), LIMITS));
    if (parsed.success && parsed.data.length > 0) return parsed.data;
    const [issue] = parsed.error?.issues ?? [];
    // A file without tests would pass whatever the policies say.
    throw fault(issue ? `${issue.path.join('.')}: ${issue.message}` : 'there is none in it', issue);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    if (cause instanceof JsonError) throw fault(cause.message, cause);
    throw fault(
      cause instanceof Error && 'code' in cause ? String(cause.code) : 'no reason',
      cause,
    );
  }
}
