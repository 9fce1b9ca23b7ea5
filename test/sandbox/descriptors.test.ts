import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEFT, module, saidBy } from '../support/left-open.ts';
import { WAYS } from './ways.ts';

const { missing } = WAYS.bubblewrap;

test('no program of the process tier has a folder of the host', { skip: missing }, async () => {
  const code = `import os
try: print("BREACH", os.listdir(${LEFT}))
except OSError as error: print("held", error)`;
  const said = await saidBy(`import { openWay } from '${module('sandbox/ways.js')}';
import { run } from '${module('sandbox/support.js')}';
const sandbox = openWay('bubblewrap');
console.log((await run(sandbox, { code: ${JSON.stringify(code)} })).stdout);
await sandbox.close();`);
  assert.match(said, /^held/);
});
