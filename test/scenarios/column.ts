import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { createWorldHttp } from '../../servers/worlds/world-http.ts';
import { WORLDS, writeWorld } from '../../servers/worlds/worlds.ts';
import { definitionHash, type Kind } from '../../src/catalogue/definition.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { packageVersion } from '../../src/lib/package-root.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { listenHttp } from '../support/listen-http.ts';
import { scratch, type Context } from '../support/scratch.ts';
import { CLEAN, putBack, type Poison } from './place.ts';
import { PERMIT, POLICY, REVIEW } from './review.ts';
import type { World } from './scenario.ts';
import { connectDirectly, connectGate, type Direct, type Surface } from './surface.ts';

export const COLUMNS = ['no gateway', 'detection only', 'labels', 'labels + plans'] as const;
export type Column = (typeof COLUMNS)[number];

type Session = Surface & AsyncDisposable;
/** A world behind one way of guarding it. */
export type Opened = {
  readonly database: string;
  /** Puts the world back, with this in it. */
  readonly reset: (poison: Poison) => Promise<void>;
  /** A session of this person. */
  readonly connect: (person: string) => Promise<Session>;
};

/** A gateway looks at its lock file at most every 200 ms. */
const LOOK_MS = 250;

const POLICIES = {
  'detection only': PERMIT,
  labels: POLICY,
  'labels + plans': POLICY,
} as const satisfies Record<Exclude<Column, 'no gateway'>, string>;

const hasLabels = (column: Column): boolean => column.startsWith('labels');

/** Starts the servers of a world and, but for the first column, a gateway of its own in front of them. */
export async function openColumn(context: Context, world: World, column: Column): Promise<Opened> {
  const folder = await scratch(context);
  const [template, database] = [join(folder, 'template.db'), join(folder, 'world.db')];
  writeWorld(world.name, template);
  await putBack(template, database, CLEAN);
  const parts = WORLDS[world.name];
  const origin = await listenHttp(
    context,
    createServer(createWorldHttp(parts, database, packageVersion())),
  );
  const urls = Object.fromEntries(parts.map((part) => [part, `${origin}/${part}`]));
  const direct = await connectDirectly(urls);
  context.after(direct.close);
  if (column === 'no gateway')
    return {
      database,
      reset: async (poison) => await putBack(template, database, poison),
      connect: async () =>
        await Promise.resolve({ ...direct.surface, async [Symbol.asyncDispose]() {} }),
    };

  const lock = await reviewed(direct.clients, column);
  const first = await direct.surface.tools();
  const gate = await startHttpGate(context, {
    servers: Object.fromEntries(parts.map((part) => [part, { url: urls[part] }])),
    policy: POLICIES[column],
    lock: JSON.stringify(lock),
    config: {
      catalogue: { onNew: 'quarantine' },
      // What labels hold, they hold without any help of the detector.
      ...(hasLabels(column) && { scan: { mark: 1, block: 1 } }),
      ...(column === 'labels + plans' && { plans: {} }),
    },
  });
  return {
    database,
    async reset(poison) {
      // Without labels and pins, somebody has accepted whatever the servers say, unread.
      if (column === 'detection only')
        await accept(join(gate.folder, 'sallyport.lock.json'), lock, first, poison);
      await putBack(template, database, poison);
    },
    async connect(person) {
      const session = await connectGate(gate.url, await gate.token({ sub: person }));
      return { ...session, [Symbol.asyncDispose]: session.close };
    },
  };
}

type Lock = { version: 1; servers: Record<string, Record<string, Record<string, object>>> };

/** The lock file as the owner left it: every definition read, with its classes and, where labels are in use, its labels. */
async function reviewed(clients: Direct['clients'], column: Column): Promise<Lock> {
  const lock: Lock = { version: 1, servers: {} };
  for (const [server, client] of clients) {
    const { tools } = await client.listTools();
    const { resources } = client.getServerCapabilities()?.resources
      ? await client.listResources()
      : { resources: [] };
    lock.servers[server] = {
      tools: Object.fromEntries(
        tools.map((tool) => [tool.name, entry('tool', tool, `${server}/${tool.name}`, column)]),
      ),
      resources: Object.fromEntries(
        resources.map((resource) => [
          resource.uri,
          entry('resource', resource, resource.uri, column),
        ]),
      ),
    };
  }
  return lock;
}

function entry(kind: Kind, definition: object, name: string, column: Column): object {
  const review = REVIEW[name];
  if (review === undefined) throw new TypeError(`Cannot review ${name}: nobody has read it`);
  const { classes, source, sink = [] } = review;
  const labels = hasLabels(column) ? source : [];
  return {
    hash: hashOf(kind, definition),
    classes,
    dataClass: 1,
    source: labels,
    sink,
    reviewed: true,
  };
}

function hashOf(kind: Kind, definition: object): string {
  const plain: unknown = JSON.parse(JSON.stringify(definition));
  if (!isJsonObject(plain)) throw new TypeError('Cannot hash a definition: it is no object');
  return definitionHash(kind, plain);
}

async function accept(
  path: string,
  lock: Lock,
  first: ReadonlyMap<string, Tool>,
  { descriptions }: Poison,
): Promise<void> {
  const changed: Lock = structuredClone(lock);
  for (const [name, description] of Object.entries(descriptions)) {
    const [server = '', tool = ''] = name.split('/');
    const row = changed.servers[server]?.['tools'];
    if (row)
      row[tool] = {
        ...row[tool],
        hash: hashOf('tool', { ...first.get(name), description }),
        reviewed: false,
      };
  }
  const text = JSON.stringify(changed);
  if ((await readFile(path, 'utf8')) === text) return;
  await writeFile(path, text);
  await sleep(LOOK_MS);
}
