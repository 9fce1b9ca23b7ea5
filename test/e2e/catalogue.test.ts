import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import {
  callsOf,
  createGate,
  createHostileGate,
  hostileServer,
  realServer,
} from '../support/gate.ts';
import { denialOf, isErrorOf, listedIn, textOf } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

async function call(client: FramesClient, name: string, args: object = {}): Promise<Frame> {
  return await client.request('tools/call', { name, arguments: { ...args } });
}

async function tools(client: FramesClient): Promise<string[]> {
  return listedIn(await client.request('tools/list'));
}

async function isListed(client: FramesClient, name: string): Promise<boolean> {
  return (await tools(client)).includes(name);
}

test('a definition that changes', async (context) => {
  const folder = await scratch(context);
  const state = join(folder, 'habits');
  writeFileSync(state, '');
  const gate = await createHostileGate(context, {
    pinned: true,
    env: { HOSTILE_STATE: state },
    servers: { good: hostileServer(join(folder, 'good.jsonl')) },
  });
  const client = startFrames(context, serve(gate));
  await client.open();
  const echo = async (): Promise<Frame> => await call(client, 'bad__read_echo', { text: 'x' });

  await context.test(
    'silently, between list and call: the call is refused and not sent',
    async () => {
      assert.ok(await isListed(client, 'bad__read_echo'));
      assert.equal(textOf(await echo()), 'you said: x');
      assert.ok(await isListed(client, 'bad__read_echo'));
      writeFileSync(state, 'changed\n');
      const before = callsOf(gate.log);
      const refused = await echo();
      assert.deepEqual([denialOf(refused), isErrorOf(refused)], ['quarantined', true]);
      assert.match(textOf(refused), /pin --accept bad\/read_echo/u);
      assert.doesNotMatch(textOf(refused), /wants your files/u);
      assert.deepEqual(callsOf(gate.log), before);
    },
  );

  await context.test(
    'it is gone from the next list; its neighbours and other servers are not',
    async () => {
      const listed = await tools(client);
      assert.ok(!listed.includes('bad__read_echo'));
      assert.ok(listed.includes('bad__read_twice') && listed.includes('good__read_echo'));
      assert.equal(textOf(await call(client, 'bad__read_twice')), 'first');
      assert.equal(textOf(await call(client, 'good__read_echo', { text: 'x' })), 'you said: x');
    },
  );

  await context.test('and changes back: it is what was accepted', async () => {
    writeFileSync(state, '');
    await until(async () => await isListed(client, 'bad__read_echo'));
    assert.equal(textOf(await echo()), 'you said: x');
  });

  await context.test('loudly: the client hears of it, and does not see it', async () => {
    const from = client.received.length;
    await call(client, 'bad__read_change', { what: 'changed', loud: true });
    await client.next(({ method }) => method === 'notifications/tools/list_changed', from);
    assert.ok(!(await isListed(client, 'bad__read_echo')));
    assert.equal(denialOf(await echo()), 'quarantined');
  });

  await context.test(
    'until a person accepts it: then it is listed anew, in the running gateway',
    async () => {
      writeFileSync(state, 'changed\n');
      const shown = await gate.run('pin', '--diff');
      assert.equal(shown.code, 1);
      assert.match(shown.stdout, /wants your files/u);
      const from = client.received.length;
      assert.equal((await gate.run('pin', '--accept', 'bad/read_echo')).code, 0);
      await client.next(({ method }) => method === 'notifications/tools/list_changed', from);
      const { result } = await client.request('tools/list');
      assert.match(JSON.stringify(result), /wants your files/u);
      assert.equal(textOf(await echo()), 'you said: x');
    },
  );

  await context.test(
    'a tool that appears later is hidden and refused until it is accepted',
    async () => {
      writeFileSync(state, 'changed\ngrown\n');
      await until(async () => {
        assert.ok(!(await isListed(client, 'bad__read_grown')));
        return denialOf(await call(client, 'bad__read_grown')) === 'quarantined';
      });
      assert.ok(!callsOf(gate.log).includes('read_grown'));
      assert.equal((await gate.run('pin', '--accept', 'bad/read_grown')).code, 0);
      await until(async () => await isListed(client, 'bad__read_grown'));
    },
  );

  await context.test('each refusal has its record', () => {
    const codes = gate.audit().flatMap(({ event, code }) => (event === 'denial' ? [code] : []));
    assert.deepEqual(
      codes.filter((code) => code !== 'tool-unknown'),
      ['quarantined', 'quarantined', 'quarantined'],
    );
  });
});

test('definitions that cannot be enforced, or told apart', async (context) => {
  const folder = await scratch(context);
  const gate = await createHostileGate(context, {
    habits: ['bad-schema', 'duplicate', 'odd-names'],
    servers: { b: hostileServer(join(folder, 'b.jsonl')) },
  });
  const client = startFrames(context, serve(gate));
  await client.open();
  const listed = await tools(client);

  await context.test('are kept back alone', async () => {
    for (const name of ['read_network_schema', 'read_no_schema', 'read_same']) {
      assert.ok(!listed.includes(`bad__${name}`), name);
      assert.equal(denialOf(await call(client, `bad__${name}`)), 'quarantined', name);
    }
    assert.ok(listed.includes('bad__read_echo'));
    assert.deepEqual(callsOf(gate.log), []);
  });

  await context.test(
    'names that meet after prefixing stay two names, each of its own server',
    async () => {
      assert.equal(new Set(listed).size, listed.length);
      assert.ok(listed.every((name) => /^[A-Za-z0-9_.-]{1,128}$/u.test(name)));
      assert.ok(listed.includes('bad__b__read') && listed.includes('b__read_echo'));
      assert.match(textOf(await call(client, 'bad__b__read')), /Unknown tool: b__read/u);
      assert.deepEqual(callsOf(gate.log), ['b__read']);
      assert.deepEqual(callsOf(join(folder, 'b.jsonl')), []);
    },
  );
});

test('servers whose names run into each other do not start', async (context) => {
  const server = hostileServer(join(await scratch(context), 'log.jsonl'));
  for (const name of ['a__b', 'a_', 'sallyport', 'code', 'a/b']) {
    const gate = await createGate(context, {
      servers: { a: server, [name]: server },
      firstUse: true,
    });
    const { code, stdout, stderr } = await gate.run('serve');
    assert.deepEqual([code, stdout], [2, ''], name);
    assert.ok(stderr.includes(name), stderr);
  }
});

test('a gateway that starts again knows what its detector passed, and only by its own hand', async (context) => {
  const gate = await createGate(context, {
    servers: { everything: realServer('everything') },
    firstUse: true,
  });
  const listed = async (): Promise<string[]> => {
    const client = await gate.connect();
    const { tools: all } = await client.listTools();
    await client.close();
    return all.map(({ name }) => name);
  };
  const file = join(gate.folder, 'state', 'passed', 'passed.json');
  const first = await listed();
  await until(() => existsSync(file));
  const written = readFileSync(file, 'utf8');
  assert.deepEqual(await listed(), first);
  assert.equal(readFileSync(file, 'utf8'), written);

  const { seal: _, ...kept }: { seal: string; passed: string[] } = JSON.parse(written);
  writeFileSync(file, JSON.stringify({ ...kept, seal: '0'.repeat(64) }));
  assert.deepEqual(await listed(), first);
  assert.match(gate.stderr(), /no gateway of this state wrote it/u);
});
