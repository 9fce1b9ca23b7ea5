/**
 * Runs a command in a network of its own that looks like the internet: a name server, and web servers on public addresses
 * that no interface has. `node internet-server.js FOLDER COMMAND ARGS…`, inside `unshare --net --mount` (see `in-internet.ts`).
 */
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { packageRoot } from '../../src/lib/package-root.ts';

const [folder = '', command = '', ...args] = process.argv.slice(2);

/** What each name leads to; a name that is none of them has no address. */
const ADDRESSES: Readonly<Record<string, string>> = {
  'api.example.com': '93.184.216.34',
  'mirror.example.com': '93.184.216.34',
  'other.example.com': '93.184.216.34',
  'metadata.example.com': '169.254.169.254',
  'here.example.com': '127.0.0.1',
  'db.example.com': '10.20.30.40',
};

const ip = (...words: string[]): void => void execFileSync('ip', words);
ip('link', 'set', 'lo', 'up');
for (const address of new Set(Object.values(ADDRESSES)))
  if (address !== '127.0.0.1') ip('route', 'add', 'local', address, 'dev', 'lo');

const resolv = join(folder, 'resolv.conf');
writeFileSync(resolv, 'nameserver 127.0.0.1\n');
execFileSync('mount', ['--bind', resolv, '/etc/resolv.conf']);

const names = createSocket('udp4');
names.on('message', (question, { port, address }) => {
  names.send(answerTo(question), port, address);
});
names.bind(53, '127.0.0.1');
await once(names, 'listening');

/** A response to one question (RFC 1035 §4): one address for type A, nothing for the others. */
function answerTo(question: Buffer): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let size = question[at] ?? 0; size > 0; size = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + size));
    at += 1 + size;
  }
  const asked = question.subarray(12, at + 5);
  const found = ADDRESSES[labels.join('.').toLowerCase()];
  const isAddress = found !== undefined && question.readUInt16BE(at + 1) === 1;
  const head = Buffer.alloc(12);
  question.copy(head, 0, 0, 2);
  head.writeUInt16BE(found === undefined ? 0x81_83 : 0x81_80, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(isAddress ? 1 : 0, 6);
  const answer = isAddress
    ? [
        Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]),
        Buffer.from(found.split('.').map(Number)),
      ]
    : [];
  return Buffer.concat([head, asked, ...answer]);
}

const pem = (name: string): string =>
  readFileSync(join(packageRoot(), 'test/sandbox/egress/certificates', `${name}.pem`), 'utf8');

const listener: RequestListener = (request, response) => {
  const { url = '', headers } = request;
  const { host = '', authorization } = headers;
  const place = `${request.socket.localAddress}:${request.socket.localPort}`;
  appendFileSync(join(folder, 'seen.jsonl'), `${JSON.stringify({ place, authorization })}\n`);
  response.end(`hello from ${host}${url === '/echo' ? `, you said ${authorization}` : ''}`);
};
// Every address, so that whatever should not be reached would answer.
for (const [port, server] of [
  [80, createServer(listener)],
  [443, createTlsServer({ key: pem('site-key'), cert: pem('site') }, listener)],
] as const) {
  server.listen(port, '0.0.0.0');
  await once(server, 'listening');
}

const child = spawn(command, args, { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.once('exit', (code) => process.exit(code ?? 1));
