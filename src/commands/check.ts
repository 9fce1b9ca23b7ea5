import { loadConfig } from '../config/load.ts';
import { configuredBundle, configuredSandbox } from '../configured-policy.ts';
import { ConfigFault } from '../config/problem.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import { createChecks } from './check/checks.ts';
import { AREAS, type Finding } from './check/finding.ts';
import { createProbes } from './check/probes.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './parse-options.ts';
import { createProgressBar } from './progress.ts';

export const command = {
  summary: 'configuration, policies, pins, folders, upstreams, sandbox: every problem at once',
  usage: `Usage: sallyport check [--config FILE] [--build] [--json]

  --config FILE   the configuration; by default $SALLYPORT_CONFIG, ./sallyport.yaml,
                  $XDG_CONFIG_HOME/sallyport/sallyport.yaml
  --build         build the sandbox images that are missing; without it only
                  the one that the canary runs in is built
  --json          one JSON document: { ok, config, findings: [{ area, level, message, hint }] }

Exit code 0: nothing is wrong; 1: something is; 2: the configuration cannot be
used; 3: only the environment lacks something.
`,
  run,
} satisfies Command;

const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  build: { type: 'boolean' },
} as const;

async function run(argv: readonly string[], io: Io): Promise<number> {
  const { values } = parseOptions('check', argv, OPTIONS);
  const path = values.config === undefined ? {} : { path: values.config };
  const bar = createProgressBar(io.stderr);
  let file: string | undefined;
  let findings: readonly Finding[];
  let exit: number;
  try {
    const written = await loadConfig({ ...path, env: io.env, cwd: io.cwd });
    file = written.file;
    // A bundle that is not to be used is what the check of policies tells.
    const bundle = await configuredBundle(written).catch(() => undefined);
    const config = configuredSandbox(written, bundle);
    const say = (message: string): void => void io.stderr.write(`sallyport: ${message}\n`);
    const checks = createChecks(
      config,
      createProbes(io.env, { build: values.build === true, bar, say }),
    );
    findings = (await Promise.all(checks.map((check) => check.run()))).flat();
    exit = exitOf(findings);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    findings = unusable(error);
    exit = error.exit;
  }
  const ok = exit === EXIT.ok;
  io.stdout.write(
    values.json === true
      ? `${JSON.stringify({ ok, config: file ?? null, findings })}\n`
      : findings.map(line).join(''),
  );
  return exit;
}

function unusable(fault: Fault): Finding[] {
  const hint = fault.hint === undefined ? {} : { hint: fault.hint };
  const base = { area: 'configuration', level: 'error' } as const;
  if (!(fault instanceof ConfigFault)) return [{ ...base, message: fault.message, ...hint }];
  return fault.problems.map(({ message, file, line: at, column }) => ({
    ...base,
    message: at === undefined ? `${file}: ${message}` : `${file}:${at}:${column}: ${message}`,
    ...hint,
  }));
}

function exitOf(findings: readonly Finding[]): number {
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length === 0) return EXIT.ok;
  return errors.every(({ area }) => AREAS[area] === 'environment') ? EXIT.environment : EXIT.no;
}

function line({ area, level, message, hint }: Finding): string {
  const advice = hint === undefined ? '' : `${' '.repeat(24)}hint: ${hint}\n`;
  return `${level.padEnd(8)} ${area.padEnd(14)} ${message}\n${advice}`;
}
