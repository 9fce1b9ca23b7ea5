// `npm run conformance [-- PART…]`: plays the conformance suite against the fixture directly and through the gateway,
// and against the gateway as a client. Arguments pick ways by a part of their name. Exit 1: a failure nobody expected.
import { fileURLToPath } from 'node:url';
import { prepare } from '../setup/modules.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const log = (line) => process.stderr.write(`conformance: ${line}\n`);
const picked = process.argv.slice(2);
const wanted = (name) => picked.length === 0 || picked.some((part) => name.includes(part));

await prepare({ root, log });
const built = `${root}/dist/test/conformance`;
const { judge, measureClient, measureServer, readExpected, table } = await import(
  `${built}/measure.js`
);
const { PAIRINGS } = await import(`${built}/pairings.js`);
const { CLIENT_REVISIONS, SUITES } = await import(`${built}/run-suite.js`);

const expected = readExpected();
const rows = [];
for (const pairing of PAIRINGS.filter(wanted)) {
  log(pairing);
  rows.push(...(await measureServer(pairing, SUITES)));
}
if (wanted('client'))
  rows.push(
    ...(await Promise.all(
      CLIENT_REVISIONS.map(async (suite) => {
        log(`client, ${suite}`);
        return await measureClient(suite, expected);
      }),
    )),
  );

const { unexpected, stale } = judge(rows, expected);
for (const row of rows)
  for (const { scenario, failures, warnings } of row.scores)
    for (const said of [...failures, ...warnings.map((text) => `(warning) ${text}`)])
      process.stdout.write(`${row.suite}, ${row.pairing}, ${scenario}: ${said}\n`);
process.stdout.write(`\n${table(rows)}\n`);
for (const { side, suite = 'every suite', pairing = 'every way', scenario, why } of expected)
  process.stdout.write(`expected: ${side}, ${suite}, ${pairing}, ${scenario}: ${why}\n`);
for (const line of [...unexpected, ...stale]) process.stdout.write(`not expected: ${line}\n`);
process.exitCode = unexpected.length + stale.length > 0 ? 1 : 0;
