/** A process that writes records until it is killed, is done or fails: `FOLDER KEYFILE COUNT RECORDS_PER_CHECKPOINT`. */
import { writeSync } from 'node:fs';
import { openAudit } from '../../src/audit/audit.ts';

const [path = '', stateKeyPath = '', count = '0', records = '5'] = process.argv.slice(2);

const audit = await openAudit({
  path,
  stateKeyPath,
  arguments: 'digest',
  secrets: [],
  now: () => new Date(),
  onError: () => undefined,
  limits: { records: Number(records), ms: 20 },
});
try {
  for (let at = 0; at < Number(count); at++) {
    const seq = audit.append('list', { at, text: 'x'.repeat(at % 200) });
    // Said only after append returned: whatever was said must be found.
    writeSync(1, `${seq}\n`);
    if (at % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await audit.close();
  writeSync(1, 'closed\n');
} catch (thrown) {
  writeSync(1, `failed ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
}
