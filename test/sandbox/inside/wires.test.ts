import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { test, type TestContext } from 'node:test';
import Docker from 'dockerode';
import { attach } from '../../../src/sandbox/attach.ts';
import { openContainer } from '../../../src/sandbox/cell.ts';
import { startServer } from '../../../src/sandbox/inside/channel.ts';
import { scratch } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';

type Halves = { readonly attaches: boolean; readonly hasEvents: boolean };
type Engine = { readonly docker: Docker; readonly open: Set<Duplex | ServerResponse> };

/** A real client before an engine that removes containers, and never ends a connection to one. */
async function engine(t: TestContext, { attaches, hasEvents }: Halves): Promise<Engine> {
  const socketPath = join(await scratch(t), 'docker.sock');
  const open = new Set<Duplex | ServerResponse>();
  const hold = (one: Duplex | ServerResponse): void => {
    open.add(one);
    one.on('error', () => undefined).on('close', () => open.delete(one));
  };
  const server = createServer((request, response) => {
    const { method, url = '' } = request;
    if (url.startsWith('/events') && hasEvents) {
      hold(response);
      response.writeHead(200).flushHeaders();
    } else if (url.startsWith('/events')) response.writeHead(500).end('{}');
    else if (url.startsWith('/containers/create')) response.writeHead(201).end('{"Id":"abc"}');
    else response.writeHead(method === 'DELETE' ? 204 : 404).end();
  });
  server.on('upgrade', (_, socket) => {
    if (!attaches) {
      socket.end('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    hold(socket);
    socket.on('end', () => socket.end());
    socket.resume().write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  t.after(() => {
    for (const one of open) one.destroy();
    server.close();
  });
  return { docker: new Docker({ socketPath }), open };
}

test(
  'a server whose connection outlives its container is closed',
  { timeout: 60_000 },
  async (t) => {
    const { docker, open } = await engine(t, { attaches: true, hasEvents: true });
    const container = docker.getContainer('abc');
    const attachment = await attach(container);
    const memory = { exceeded: new AbortController().signal, close: () => undefined };
    const why: string[] = [];
    const channel = startServer(
      { container, wires: { attachment, memory } },
      { onFrame() {}, onClose() {} },
      {
        maxFrameBytes: 1000,
        graceMs: 10,
        onStderr: () => undefined,
        log: () => undefined,
        onGone: async (how) => void why.push(how),
      },
    );
    await channel.close();
    assert.deepEqual(why, ['closed']);
    await until(() => open.size === 0);
  },
);

for (const [name, halves] of [
  ['events', { attaches: true, hasEvents: false }],
  ['its streams', { attaches: false, hasEvents: true }],
] as const)
  test(`a container without ${name} leaves no connection open`, { timeout: 60_000 }, async (t) => {
    const { docker, open } = await engine(t, halves);
    const { signal } = new AbortController();
    const rest: Promise<unknown>[] = [];
    await assert.rejects(
      openContainer(
        docker,
        {},
        { startMs: 30_000, signal, log: () => undefined, later: (task) => void rest.push(task) },
      ),
      /HTTP|500/u,
    );
    await Promise.all(rest);
    await until(() => open.size === 0);
  });
