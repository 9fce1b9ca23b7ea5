import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import Docker from 'dockerode';
import { remove } from '../../src/sandbox/remove.ts';

/** A real client before an engine whose answers to DELETE are these, the last one for ever. */
function engine(t: TestContext, statuses: readonly number[]) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-remove-'));
  const socketPath = join(folder, 'docker.sock');
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const status = statuses[Math.min(asked.length, statuses.length - 1)] ?? 500;
    asked.push(`${request.method} ${status}`);
    response.writeHead(status).end(status === 204 ? '' : '{"message": "in progress"}');
  }).listen(socketPath);
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  return { container: new Docker({ socketPath }).getContainer('abc'), asked };
}

test('a removal that another attempt began is waited for', async (t) => {
  const said: string[] = [];
  const { container, asked } = engine(t, [500, 409, 409, 409, 409, 404]);
  assert.ok(await remove(container, (line) => said.push(line)));
  assert.equal(asked.length, 6);
  assert.deepEqual(said, []);
});

test('an engine that is gone is given up soon, and said', { timeout: 60_000 }, async () => {
  const said: string[] = [];
  const container = new Docker({ socketPath: '/nonexistent/docker.sock' }).getContainer('abc');
  assert.ok(!(await remove(container, (line) => said.push(line))));
  assert.match(said.join('\n'), /^Cannot remove container abc: .*ENOENT/);
});
