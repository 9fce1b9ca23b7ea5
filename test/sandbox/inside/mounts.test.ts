import assert from 'node:assert/strict';
import { mkdir, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import {
  checkPinned,
  findSocket,
  pinMounts,
  type PinnedMount,
} from '../../../src/sandbox/inside/mounts.ts';
import { runAs } from '../../../src/sandbox/inside/run-as.ts';
import { scratch } from '../../support/scratch.ts';

const mount = (
  host: string,
  readOnly = true,
): { host: string; path: string; readOnly: boolean } => ({
  host,
  path: `/${host.split('/').join('_')}`,
  readOnly,
});

test('what must not be mounted is refused, through links too', async (context) => {
  const place = await realpath(await scratch(context));
  const state = join(place, 'gateway', 'state');
  await mkdir(state, { recursive: true });
  for (const name of [
    'data',
    'program',
    'data/inner',
    'gateway/notes',
    'others/inner',
    'own/inner',
  ])
    await mkdir(join(place, name), { recursive: true });
  await symlink(state, join(place, 'link-to-state'));
  await symlink('/etc', join(place, 'link-to-etc'));
  await symlink(join(place, 'data'), join(place, 'link-to-data'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(place, 's'), resolve));
  context.after(() => server.close());
  const guarded = [
    { path: state, what: 'the state' },
    { path: join(state, 'not', 'there', 'yet'), what: 'the audit' },
    { path: join(place, 'program'), what: 'the program', readable: true },
    { path: homedir(), what: 'the home', whole: true },
    { path: join(place, 'others'), what: 'what y writes', writer: 'y' },
    { path: join(place, 'own'), what: 'what x writes', writer: 'x' },
  ] as const;
  const CASES: readonly (readonly [
    string,
    readonly ReturnType<typeof mount>[],
    RegExp | undefined,
  ])[] = [
    ['a folder', [mount(join(place, 'data'))], undefined],
    ['a file', [mount(join(place, 'data', 'f'))], undefined],
    ['a folder beside the state', [mount(join(place, 'gateway', 'notes'))], undefined],
    ['the program, to read', [mount(join(place, 'program'))], undefined],
    ['the program, to write', [mount(join(place, 'program'), false)], /is the program/],
    ['what another server writes', [mount(join(place, 'others'))], undefined],
    ['what is in it', [mount(join(place, 'others', 'inner'))], /lies in what y writes/],
    ['what is in what it writes itself', [mount(join(place, 'own', 'inner'))], undefined],
    ['the state', [mount(state)], /is the state/],
    ['the state by a link', [mount(join(place, 'link-to-state'))], /is the state/],
    ['what holds the state', [mount(join(place, 'gateway'))], /holds the state/],
    ['all of it', [mount('/')], /is the whole machine/],
    ['the home', [mount(homedir())], /is the home/],
    ['what holds the home', [mount(dirname(homedir()))], /holds the home|is the whole machine/],
    ['/etc by a link', [mount(join(place, 'link-to-etc'))], /is \/etc of this machine/],
    ['what is in /etc', [mount('/etc/ssl')], /lies in \/etc of this machine/],
    ['/proc', [mount('/proc/self')], /lies in \/proc/],
    ['/sys', [mount('/sys')], /is \/sys/],
    ['/dev', [mount('/dev/shm')], /lies in \/dev/],
    ['/run', [mount('/run')], /is \/run/],
    ['a device', [mount('/dev/null')], /neither a folder nor a file/],
    ['a socket', [mount(join(place, 's'))], /is a socket/],
    ['nothing', [mount(join(place, 'nothing'))], /is not there/],
    [
      'one place twice',
      [mount(join(place, 'data')), mount(join(place, 'link-to-data'), false)],
      /overlaps/,
    ],
    [
      'one place in another',
      [mount(join(place, 'data', 'inner'), false), mount(join(place, 'data'))],
      /overlaps/,
    ],
  ];
  await writeFile(join(place, 'data', 'f'), '');
  for (const [name, mounts, want] of CASES)
    await context.test(name, async () => {
      const pinning = pinMounts('x', mounts, guarded);
      if (want) await assert.rejects(pinning, want);
      else assert.equal((await pinning).length, mounts.length);
    });
});

test('what was put in the place of a mount is not mounted', async (context) => {
  const place = await realpath(await scratch(context));
  const [first, other, link] = [join(place, 'first'), join(place, 'other'), join(place, 'link')];
  for (const folder of [first, other]) await mkdir(folder);
  await symlink(first, link);
  const pinned = await pinMounts('x', [mount(link)], []);
  assert.equal(pinned[0]?.source, first);
  await checkPinned(pinned);
  // Where the link leads now does not matter any more.
  await rm(link);
  await symlink(other, link);
  await checkPinned(pinned);
  await rename(first, join(place, 'moved'));
  await symlink(other, first);
  await assert.rejects(checkPinned(pinned), /is not what it was/);
  await rm(first);
  await mkdir(first);
  await assert.rejects(checkPinned(pinned), /is not what it was/);
});

test('a socket in a folder is found, however deep', async (context) => {
  const place = await scratch(context);
  await mkdir(join(place, 'a', 'b'), { recursive: true });
  assert.equal(await findSocket(place), undefined);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(place, 'a', 'b', 's'), resolve));
  context.after(() => server.close());
  assert.equal(await findSocket(place), join(place, 'a', 'b', 's'));
});

const of = (uid: number, readOnly: boolean): PinnedMount => ({
  source: `/of/${uid}`, target: '/x', readOnly, uid, gid: uid, isFolder: true, identity: '',
}); // prettier-ignore
const ME = { uid: 1000, gid: 1000 };
const ROOT = { uid: 0, gid: 0 };
const ACCOUNTS: readonly (readonly [string, readonly PinnedMount[], typeof ME, string | RegExp])[] =
  [
    ['nothing mounted', [], ME, '65534:65534'],
    ['nothing mounted by root', [], ROOT, '65534:65534'],
    ['a mount', [of(5, true)], ME, '1000:1000'],
    ['a mount to write', [of(5, false)], ME, '1000:1000'],
    ['a user of the group root', [of(5, false)], { uid: 1000, gid: 0 }, '1000:1000'],
    ['a mount of somebody, by root', [of(5, true)], ROOT, '5:5'],
    ["a mount of root's, by root", [of(0, true)], ROOT, '65534:65534'],
    ["a mount of root's to write, by root", [of(0, false)], ROOT, /belongs to root/],
    [
      "one of root's to write beside another, by root",
      [of(5, false), of(0, false)],
      ROOT,
      /belongs to root/,
    ],
    ['two owners to read, by root', [of(5, true), of(6, true)], ROOT, '65534:65534'],
    ['two owners to write, by root', [of(5, false), of(6, false)], ROOT, /several accounts/],
    ['the owner of what is written, by root', [of(5, false), of(6, true)], ROOT, '5:5'],
  ];
for (const [name, mounts, account, want] of ACCOUNTS)
  test(`whose rights: ${name}`, () => {
    if (typeof want === 'string') assert.equal(runAs('x', mounts, account), want);
    else assert.throws(() => runAs('x', mounts, account), want);
  });
