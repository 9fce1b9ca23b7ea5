import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { realServer } from '../support/gate.ts';
import { startHttpGate, type HttpGate } from '../support/http-gate.ts';
import { installAside } from '../support/install-aside.ts';
import type { Context } from '../support/scratch.ts';
import { openHttpSession, type Endpoint } from './http-load.ts';

/** A gateway that serves one stdio server over HTTP. */
export type Peer = Endpoint & { readonly name: string; readonly pid: number };

const MCP_PROXY = '6.7.19';
const SUPERGATEWAY = '4.0.0';
const PATIENCE_MS = 30_000;

/** What a company would write: who may, over the guardrails that are always in force. */
const POLICY = '@id("eng") permit (principal in Group::"eng", action, resource);';

/** Sallyport as a company runs it: tokens of an issuer, policies, pins, detector and audit. */
export async function startSallyport(
  context: Context,
  servers: Record<string, object>,
  probed = false,
): Promise<Peer & Pick<HttpGate, 'token' | 'heap'>> {
  const gate = await startHttpGate(context, { servers, policy: POLICY, probed });
  const exp = Math.floor(Date.now() / 1000) + 7200;
  const token: HttpGate['token'] = async (claims) => await gate.token({ exp, ...claims });
  return {
    name: 'Sallyport',
    url: gate.url,
    pid: gate.pid,
    echo: 'everything__echo',
    headers: { authorization: `Bearer ${await token({})}` },
    token,
    heap: async (collect) => await gate.heap(collect),
  };
}

/** Other gateways of the npm registry, as their own pages say to start them. None of them looks at what it passes on. */
export async function startPeers(context: Context): Promise<{ peers: Peer[]; stateless: Peer }> {
  const folder = await installAside(`peers-${MCP_PROXY}-${SUPERGATEWAY}`, [
    `mcp-proxy@${MCP_PROXY}`,
    `supergateway@${SUPERGATEWAY}`,
  ]);
  const at = (...path: string[]): string => join(folder, 'node_modules', ...path);
  const { command, args } = realServer('everything');
  const upstream = [command, ...args].map((word) => `'${word}'`).join(' ');
  const supergateway = (port: number): string[] => [
    at('supergateway', 'dist', 'index.js'),
    '--stdio',
    upstream,
    '--outputTransport',
    'streamableHttp',
    '--logLevel',
    'none',
    `--port=${port}`,
  ];
  const proxy = at('mcp-proxy', 'dist', 'bin', 'mcp-proxy.mjs');
  const peers = [
    await start(context, `mcp-proxy ${MCP_PROXY}`, (port) => [
      proxy,
      '--host=127.0.0.1',
      `--port=${port}`,
      '--',
      command,
      ...args,
    ]),
    await start(context, `supergateway ${SUPERGATEWAY} --stateful`, (port) => [
      ...supergateway(port),
      '--stateful',
    ]),
  ];
  return { peers, stateless: await start(context, `supergateway ${SUPERGATEWAY}`, supergateway) };
}

async function start(
  context: Context,
  name: string,
  argsFor: (port: number) => string[],
): Promise<Peer> {
  const port = await freePort();
  const child = spawn(process.execPath, argsFor(port), { stdio: ['ignore', 'ignore', 'ignore'] });
  const exited = once(child, 'exit');
  context.after(async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 8000);
    await exited;
    clearTimeout(late);
  });
  const peer = { name, url: `http://127.0.0.1:${port}/mcp`, pid: child.pid ?? 0, echo: 'echo' };
  await answers(peer);
  return peer;
}

async function answers(peer: Peer): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;)
    try {
      const session = await openHttpSession(peer);
      await session.close();
      return;
    } catch (cause) {
      if (performance.now() > deadline) throw new Error(`${peer.name} did not start`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
}
