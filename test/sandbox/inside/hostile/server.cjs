// An MCP server that tries what its arguments say, and tells what came of it. Runs in a sandbox; needs nothing but Node.
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const dgram = require('node:dgram');
const fs = require('node:fs');
const net = require('node:net');
const readline = require('node:readline');

const say = (frame) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`);
const attempt = (act) => {
  try {
    return String(act()).slice(0, 2000);
  } catch (error) {
    return `error ${error.code ?? error.message}`;
  }
};

const connect = (to) =>
  new Promise((resolve) => {
    const socket = net.connect(to);
    const end = (word) => {
      socket.destroy();
      resolve(word);
    };
    socket.once('connect', () => end('connected'));
    socket.once('error', (error) => end(`error ${error.code}`));
    socket.setTimeout(5000, () => end('silence'));
  });

const ask = (host) =>
  new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    const end = (word) => {
      clearTimeout(timer);
      socket.close();
      resolve(word);
    };
    const timer = setTimeout(() => end('silence'), 5000);
    socket.once('message', () => end('answered'));
    socket.once('error', (error) => end(`error ${error.code}`));
    socket.send(
      Buffer.from('000101000001000000000000076578616d706c6503636f6d0000010001', 'hex'),
      53,
      host,
    );
  });

const TRICKS = {
  read: ({ paths }) => paths.map((path) => attempt(() => fs.readFileSync(path, 'utf8'))),
  list: ({ paths }) => paths.map((path) => attempt(() => fs.readdirSync(path).join(' '))),
  write: ({ paths }) =>
    paths.map((path) => attempt(() => fs.writeFileSync(path, 'written inside') ?? 'written')),
  link: ({ from, to }) => [
    attempt(() => fs.symlinkSync(to, from) ?? 'linked'),
    attempt(() => fs.readFileSync(from, 'utf8')),
  ],
  hardlink: ({ from, to }) => attempt(() => fs.linkSync(to, from) ?? 'linked'),
  mode: ({ path, mode }) => [
    attempt(() => fs.chmodSync(path, mode) ?? 'changed'),
    attempt(() => fs.closeSync(fs.openSync(`${path}.new`, 'w', mode)) ?? 'made'),
    (fs.statSync(path).mode & 0o7777).toString(8),
  ],
  environment: () => process.env,
  who: () => ({
    uid: process.getuid(),
    pid: process.pid,
    version: fs.readFileSync('/proc/version', 'utf8'),
  }),
  connect: async ({ to }) => await Promise.all(to.map(connect)),
  dns: async ({ hosts }) => await Promise.all(hosts.map(ask)),
  fetch: async ({ urls }) =>
    await Promise.all(
      urls.map(async (url) => {
        try {
          return `status ${(await fetch(url, { signal: AbortSignal.timeout(20_000) })).status}`;
        } catch (error) {
          return `error ${error.cause?.message ?? error.message}`;
        }
      }),
    ),
  roots: () =>
    fs
      .readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => [
        attempt(() => fs.readdirSync(`/proc/${pid}/root`).join(' ')),
        attempt(() => fs.readFileSync(`/proc/${pid}/environ`, 'utf8')),
      ]),
  forks: async () => {
    let made = 0;
    for (let failed = false; made < 2000 && !failed;)
      await new Promise((resolve) => {
        const child = spawn('sleep', ['60'], { stdio: 'ignore' });
        child.once('spawn', () => resolve((made += 1)));
        child.once('error', () => resolve((failed = true)));
      });
    return { made };
  },
  bomb: () => {
    spawn('bash', ['-c', 'b() { b | b & }; b'], { stdio: 'ignore' }).once('error', () => {});
    return 'lit';
  },
  memory: () => {
    const held = [];
    for (;;) held.push(Buffer.alloc(16 << 20, 1));
  },
  disk: ({ folders }) =>
    folders.map((folder) => {
      const block = Buffer.alloc(1 << 20, 1);
      let written = 0;
      try {
        const file = fs.openSync(`${folder}/fill`, 'w');
        for (; written < 4096; written++) fs.writeSync(file, block);
      } catch (error) {
        return `${written} ${error.code}`;
      } finally {
        fs.rmSync(`${folder}/fill`, { force: true });
      }
      return String(written);
    }),
  flood: ({ where, mebibytes }) => {
    const block = Buffer.from(`${'x'.repeat(1023)}\n`.repeat(1024));
    for (let at = 0; at < mebibytes; at++)
      for (let done = 0; done < block.length;)
        try {
          done += fs.writeSync(where, block, done);
        } catch (error) {
          if (error.code !== 'EAGAIN') throw error;
        }
    return 'flooded';
  },
  huge: ({ mebibytes }) => {
    const block = Buffer.alloc(1 << 20, 'x');
    fs.writeSync(1, '{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"');
    for (let at = 0; at < mebibytes; at++)
      for (let done = 0; done < block.length;)
        try {
          done += fs.writeSync(1, block, done);
        } catch (error) {
          if (error.code !== 'EAGAIN') throw error;
        }
    fs.writeSync(1, '"}}\n');
    return 'sent';
  },
  system: ({ commands }) =>
    commands.map((command) => {
      const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
        encoding: 'utf8',
        timeout: 20_000,
      });
      return `${status} ${stdout}${stderr}`.slice(0, 500);
    }),
  linger: () => {
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, () => {});
    setInterval(() => {}, 1000);
    lingering = true;
    return 'lingers';
  },
  exit: ({ code }) => process.exit(code),
};
let lingering = false;

const tool = {
  name: 'try',
  description: 'Tries something',
  inputSchema: { type: 'object', properties: { what: { type: 'string' } }, required: ['what'] },
};
const ANSWERS = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'hostile', version: '1' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: [tool] }),
  'tools/call': async ({ arguments: { what, ...args } }) => ({
    content: [{ type: 'text', text: JSON.stringify(await TRICKS[what](args)) }],
  }),
};

readline
  .createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { id, method, params } = JSON.parse(line);
    if (id === undefined) return;
    const answer = ANSWERS[method];
    if (!answer) return say({ id, error: { code: -32601, message: 'unknown method' } });
    try {
      say({ id, result: await answer(params) });
    } catch (error) {
      say({ id, error: { code: -32603, message: String(error) } });
    }
  })
  .on('close', () => {
    if (!lingering) process.exit(0);
  });
