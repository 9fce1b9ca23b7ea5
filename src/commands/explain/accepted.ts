import type { Subject } from '../../call.ts';
import { openLock } from '../../catalogue/lock.ts';
import { createNames } from '../../catalogue/names.ts';
import { withOwnServers } from '../../catalogue/own-servers.ts';
import { createMarkShared } from '../../catalogue/shared-credentials.ts';
import { createIsNamed } from '../../catalogue/with-handles.ts';
import type { Config } from '../../config/config.ts';
import { configuredLock, configuredTools } from '../../configured-policy.ts';
import { Fault } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';
import { planTools } from '../../open-plans.ts';
import { OWN_SERVER } from '../../plans/names.ts';
import { openServers } from '../../servers.ts';
import type { Io } from '../command.ts';
import { quietServers } from '../survey-config.ts';

/** Tools as they were accepted: what the policies would see if their servers have not changed them since. */
export type Accepted = {
  /** Throws a `Fault` for `SERVER/TOOL` that there is not. */
  readonly find: (tool: string) => Subject;
  /** By the names that clients use. */
  readonly exposed: ReadonlyMap<string, Subject>;
};

/** Reads them from the lock file, and asks no server. */
export async function readAcceptedTools(config: Config, io: Io): Promise<Accepted> {
  const servers = await openServers(quietServers(config, io));
  const lock = await openLock({
    ...(await configuredLock(config)),
    onNew: 'quarantine',
    now: Date.now,
  });
  try {
    const definitions = await configuredTools(config);
    const definitionOf = (server: string, name: string): Subject['definition'] =>
      definitions.get(`tools/call:${server}/${name}`) ?? {};
    const mark = createMarkShared(config);
    const isNamed = createIsNamed(config);
    const own = withOwnServers(lock, servers.own);
    const listed = servers.specs
      .filter(({ name }) => !servers.own.has(name))
      .flatMap(({ name: server }) => lock.rows(server).filter(({ kind }) => kind === 'tool'))
      .map(({ server, name, entry }): Subject => {
        const known = { kind: 'tool', server, name, pin: 'match' } as const;
        const { handle, ...said } = entry;
        const asHandle = handle === true || isNamed(server, name);
        return mark({ ...said, ...known, asHandle, definition: definitionOf(server, name) });
      });
    const mine = [...definitions.values()].flatMap(({ name }): Subject[] =>
      [...servers.own.keys()].flatMap((server) =>
        typeof name === 'string' && definitions.has(`tools/call:${server}/${name}`)
          ? [own.subject(server, 'tool', name, definitionOf(server, name))]
          : [],
      ),
    );
    const names = createNames({
      servers: servers.specs.map(({ name }) => name),
      separator: config.catalogue.separator,
      single: false,
    });
    const tools = [...listed, ...mine];
    const exposed = new Map([
      ...tools.map((subject) => [names.expose(subject.server, subject.name), subject] as const),
      ...(await planTools(config)),
    ]);
    return { exposed, find: createFind([...exposed.values()], config, lock.path) };
  } finally {
    await lock[Symbol.asyncDispose]();
    await servers.close();
  }
}

function createFind(tools: readonly Subject[], { plans }: Config, lock: string): Accepted['find'] {
  return function find(tool) {
    const slash = tool.indexOf('/');
    if (slash < 1 || slash === tool.length - 1)
      throw new Fault(`Cannot explain ${visible(tool)}: a tool is SERVER/TOOL`, {
        hint: 'sallyport tools lists them',
      });
    const found = tools.find(({ server, name }) => `${server}/${name}` === tool);
    if (found) return found;
    if (plans === undefined && tool.startsWith(`${OWN_SERVER}/plan_`))
      throw new Fault(`Cannot explain ${visible(tool)}: the configuration offers no plans`, {
        hint: '`plans: {}` in the configuration does',
      });
    throw new Fault(`Cannot explain ${visible(tool)}: ${lock} does not have it`, {
      hint: 'sallyport tools lists all tools, sallyport pin --accept SERVER/TOOL accepts one',
    });
  };
}
