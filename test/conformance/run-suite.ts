import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { asString } from './fixture/content.ts';
import { installNodeFrom } from '../support/install-node.ts';

/** What became of one scenario; `failures` are the checks that failed, each with its reason. */
export type Score = {
  readonly scenario: string;
  readonly passed: number;
  readonly failures: readonly string[];
  readonly warnings: readonly string[];
};

export const SUITES = ['active', '2025-11-25', '2026-07-28'] as const;
export type Suite = (typeof SUITES)[number];
export type Revision = Exclude<Suite, 'active'>;

/** Revisions whose client scenarios are played. */
export const CLIENT_REVISIONS = ['2025-03-26', '2025-11-25', '2026-07-28'] as const;
export type ClientRevision = (typeof CLIENT_REVISIONS)[number];
/** What the suite has for clients of 2025-03-26 alone, without a list of requirements. */
const OF_2025_03_26 = ['metadata-backcompat', 'endpoint-fallback'].map(
  (name) => `auth/2025-03-26-oauth-${name}`,
);

const SUITE_PACKAGE = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/conformance/package.json',
);
const PATIENCE_MS = 240_000;
/** Of one client scenario; the client gives up before, because the suite would end its shell alone. */
const SCENARIO_MS = 60_000;
/** A scenario's name and when it ran. */
const RESULT = /^(?:server-)?(.+?)-\d{4}-\d\d-\d\dT[\d-]+Z$/u;

const suiteArgs = (suite: Suite): string[] =>
  suite === 'active' ? ['--suite', suite] : ['--requirements', suite];

/** Runs the server scenarios of a suite against `url`. Scenarios of optional extensions are left out. */
export async function runServerSuite(url: string, suite: Suite): Promise<Score[]> {
  const scores = await run(['server', '--url', url, ...suiteArgs(suite)]);
  if (suite === 'active') return scores;
  const { required, optional } = requirementsOf(suite, 'server');
  const counted = new Set([...required, ...optional]);
  const missing = required.filter((name) => !scores.some(({ scenario }) => scenario === name));
  if (missing.length > 0) throw new Error(`The suite did not run ${missing.join(', ')}`);
  return scores.filter(({ scenario }) => counted.has(scenario));
}

/** The scenarios of optional extensions that a server may have. */
export function extensionScenarios(suite: Revision): string[] {
  return listOf(suite, 'not_scored').flatMap((entry) =>
    isJsonObject(entry) && entry['leg'] === 'server' && entry['reason'] === 'extension'
      ? [asString(entry['scenario'])]
      : [],
  );
}

/** Runs one server scenario against `url`. */
export async function runServerScenario(
  url: string,
  scenario: string,
  suite: Revision,
): Promise<Score[]> {
  const which = ['--scenario', scenario, '--spec-version', suite];
  // What belongs to an extension belongs to no version, by the suite's own count.
  return await run(['server', '--url', url, ...which, '--force']);
}

/** Of optional extensions, those that the gateway has and that can be played. */
const EXTENSIONS = ['auth/client-credentials-jwt', 'auth/client-credentials-basic'];

/** The client scenarios of a revision; those of optional extensions belong to none, and are counted to the last one. */
export function clientScenarios(suite: ClientRevision): string[] {
  if (suite === '2025-03-26') return OF_2025_03_26;
  const { required, optional } = requirementsOf(suite, 'client');
  return [...required, ...optional, ...(suite === '2026-07-28' ? EXTENSIONS : [])];
}

/** Runs one client scenario; `command` gets the address of a test server as its last argument. */
export async function runClientScenario(
  command: string,
  scenario: string,
  suite: ClientRevision,
): Promise<Score[]> {
  const timeout = ['--timeout', String(SCENARIO_MS)];
  const force = EXTENSIONS.includes(scenario) ? ['--force'] : [];
  const which = ['--scenario', scenario, '--spec-version', suite, ...force];
  return await run(['client', '--command', command, ...which, ...timeout]);
}

async function run(args: readonly string[]): Promise<Score[]> {
  const node = await installNodeFrom(22);
  const results = await mkdtemp(join(tmpdir(), 'sallyport-conformance-'));
  try {
    const cli = join(dirname(SUITE_PACKAGE), 'dist', 'index.js');
    const child = spawn(node, [cli, ...args, '--output-dir', results], {
      cwd: results,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
      // What the test runner sets for itself would change how the suite's own children report.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    const scores = readScores(results);
    // The exit code counts optional scenarios too.
    if (scores.length === 0)
      throw new Error(`Cannot run the conformance suite: ${output.slice(-2000)}`);
    return scores;
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}

function readScores(folder: string): Score[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('checks.json'))
    .map((name) => {
      const checks: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      const scenario = RESULT.exec(relative('.', dirname(name)))?.[1] ?? name;
      const of = (status: string): JsonObject[] =>
        (Array.isArray(checks) ? checks : []).filter(
          (check: unknown): check is JsonObject =>
            isJsonObject(check) && check['status'] === status,
        );
      return {
        scenario,
        passed: of('SUCCESS').length,
        failures: of('FAILURE').map(said),
        warnings: of('WARNING').map(said),
      };
    })
    .toSorted((a, b) => (a.scenario < b.scenario ? -1 : 1));
}

function said({ id, errorMessage }: JsonObject): string {
  return `${asString(id)}: ${asString(errorMessage)}`;
}

/** SEP-1730: extensions are optional. What is not scored for another reason counts here nevertheless. */
function requirementsOf(
  suite: Revision,
  leg: 'server' | 'client',
): { required: string[]; optional: string[] } {
  return {
    required: listOf(suite, leg).map(asString),
    optional: listOf(suite, 'not_scored').flatMap((entry) =>
      isJsonObject(entry) && entry['leg'] === leg && entry['reason'] !== 'extension'
        ? [asString(entry['scenario'])]
        : [],
    ),
  };
}

function listOf(suite: Revision, name: string): unknown[] {
  const file = join(dirname(SUITE_PACKAGE), 'requirements', `${suite}.yaml`);
  const requirements: unknown = parse(readFileSync(file, 'utf8'));
  const list = isJsonObject(requirements) ? requirements[name] : [];
  return Array.isArray(list) ? list : [];
}
