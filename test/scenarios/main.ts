#!/usr/bin/env node
/** The program behind `sallyport redteam scenarios`: node dist/test/scenarios/main.js [--sample N] [--seed N] [--json] */
import { parseArgs } from 'node:util';
import { asMarkdown, reportOf } from './report.ts';
import { runScenarios } from './run.ts';

const { values } = parseArgs({
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const report = reportOf(
  await runScenarios({
    sample: values.sample === undefined ? undefined : Number(values.sample),
    seed: Number(values.seed),
    progress: (done) => void (process.stderr.isTTY && process.stderr.write(`${done}\n`)),
  }),
);
process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : asMarkdown(report));
for (const one of report.short) process.stderr.write(`sallyport: falls short: ${one}\n`);
process.exitCode = report.short.length > 0 ? 1 : 0;
