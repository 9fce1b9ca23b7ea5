import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { createLog, type Log } from '../../src/audit/log.ts';
import { createRedact } from '../../src/audit/redact.ts';
import { isJsonObject, parseJson } from '../../src/lib/json.ts';

const SECRET = 'correct "horse" battery';

/** What a log writes when it is used like this. */
function written(use: (log: Log) => void, pretty = false): string {
  const destination = new PassThrough();
  const redact = createRedact({ secrets: [SECRET] });
  use(createLog({ destination, pretty, level: 'info', redact }));
  return String(destination.read() ?? '');
}

for (const [name, use] of [
  ['in the message', (log) => log.info(`with ${SECRET}`)],
  ['in an argument of the message', (log) => log.info('with %s', SECRET)],
  ['in an object', (log) => log.info({ deep: { list: [SECRET] } }, 'x')],
  ['in the name of a member', (log) => log.info({ [SECRET]: 1 }, 'x')],
  ['in an error', (log) => log.error(new Error(`with ${SECRET}`))],
  [
    'in the cause of an error',
    (log) => log.error({ err: new Error('x', { cause: new Error(SECRET) }) }),
  ],
  [
    'in a member of an error',
    (log) => log.error(Object.assign(new Error('x'), { request: { headers: [SECRET] } })),
  ],
  ['in base64', (log) => log.info(Buffer.from(SECRET).toString('base64'))],
] as const satisfies readonly (readonly [string, (log: Log) => void])[])
  for (const pretty of [false, true])
    test(`the log hides a secret ${name}${pretty ? ', pretty' : ''}`, () => {
      const text = written(use, pretty);
      assert.match(text, /\[redacted:secret\]/);
      assert.ok(!text.includes('horse'), text);
      assert.ok(!text.includes(Buffer.from(SECRET).toString('base64')), text);
    });

test('the log writes one JSON object a line, with the message once', () => {
  const lines = written((log) => {
    log.info({ server: 'files' }, 'started');
    log.error(new Error('broken'));
    log.debug('below the level');
  })
    .trimEnd()
    .split('\n')
    .map((line) => parseJson(line, { maxBytes: 9_999, maxDepth: 9 }));
  assert.equal(lines.length, 2);
  const [first, second] = lines;
  assert.ok(isJsonObject(first) && isJsonObject(second));
  assert.deepEqual([first['level'], first['server'], first['msg']], ['info', 'files', 'started']);
  assert.equal(second['msg'], 'broken');
  assert.ok(isJsonObject(second['err']));
  assert.deepEqual([second['err']['name'], second['err']['message']], ['Error', 'broken']);
});

test('nothing that is logged reaches a terminal as a command', () => {
  const text = written((log) => {
    log.info({ name: '\u001b[2J\u009b1m' }, 'evil \u001b]0;title\u0007\u202e');
  }, true);
  // The only escapes are the colours of the log itself.
  const plain = stripVTControlCharacters(text.replaceAll('\n', ''));
  assert.ok(!/\p{Cc}|\u202e/u.test(plain), JSON.stringify(plain));
  assert.ok(plain.includes(String.raw`\u001b[2J`));
});
