import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { listenHttp } from '../../support/listen-http.ts';
import { scratch } from '../../support/scratch.ts';

/** A package that somebody has published. */
export type Published = {
  /** More of its package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Beside its package.json and `index.js`. */
  readonly files?: Readonly<Record<string, string>>;
};

export type LocalRegistry = {
  readonly address: string;
  /** Paths that somebody has asked for. */
  readonly asked: readonly string[];
};

/** A registry of npm's on this machine, whose publishers are hostile; every package is of version 1.0.0. */
export async function openLocalRegistry(
  context: TestContext,
  packages: (address: string) => Readonly<Record<string, Published>>,
): Promise<LocalRegistry> {
  const folder = await scratch(context);
  const asked: string[] = [];
  const answers = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    asked.push(path);
    const answer = answers.get(path);
    response.writeHead(answer ? 200 : 404).end(answer);
  });
  const address = await listenHttp(context, server);
  for (const [name, published] of Object.entries(packages(address))) {
    const manifest = { name, version: '1.0.0', bin: 'index.js', ...published.manifest };
    const tarball = pack(join(folder, name), { ...published, manifest });
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const file = `/${name}/-/${name}-1.0.0.tgz`;
    const version = { ...manifest, dist: { tarball: `${address}${file}`, integrity } };
    const document = { name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } };
    answers.set(`/${name}`, Buffer.from(JSON.stringify(document)));
    answers.set(file, tarball);
  }
  return { address, asked };
}

function pack(folder: string, { manifest, files = {} }: Published): Buffer {
  const all = {
    'package.json': JSON.stringify(manifest),
    'index.js': '#!/usr/bin/env node\nconsole.log("it runs")\n',
    ...files,
  };
  for (const [path, content] of Object.entries(all)) {
    const file = join(folder, 'package', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  execFileSync('tar', ['-czf', `${folder}.tgz`, '-C', folder, 'package']);
  return readFileSync(`${folder}.tgz`);
}
