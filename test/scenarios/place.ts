import { copyFile, rename } from 'node:fs/promises';
import { useWorld } from '../../servers/worlds/worlds.ts';
import { framed } from './frames.ts';
import type { Attack, World } from './scenario.ts';

/** Where an order stands. */
export const PLACEMENTS = ['result', 'description', 'resource'] as const;
export type Placement = (typeof PLACEMENTS)[number];

/** What strangers have written into a world, and what the user asks for that makes an agent read it. */
export type Poison = {
  readonly sql: readonly { readonly statement: string; readonly values: readonly string[] }[];
  /** By `server/tool`: what it says of itself from now on. */
  readonly descriptions: Readonly<Record<string, string>>;
  readonly tasks: readonly string[];
};

export const CLEAN: Poison = { sql: [], descriptions: {}, tasks: [] };

/** Puts an attack in its place; halves come in two places, one after the other. `turn` chooses among those there are. */
export function place(world: World, attack: Attack, placement: Placement, turn: number): Poison {
  const texts: readonly string[] = framed(attack.frame, attack.orders);
  const [first = '', second] = texts;
  const spots = turn % 2 === 0 ? world.spots : world.spots.toReversed();
  const results = spots.slice(0, texts.length).map(({ sql, task }, at) => ({
    statement: sql.replace(':text', '?'),
    values: [texts[at] ?? ''],
    task,
  }));
  const [harmless = ''] = Object.keys(world.tasks).slice(3);
  if (placement === 'result')
    return { sql: results, descriptions: {}, tasks: results.map(({ task }) => task) };
  if (placement === 'description') {
    const descriptions: Record<string, string> = {};
    for (const [at, tool] of world.described.slice(0, texts.length).entries())
      descriptions[tool] = `Keeps notes. ${texts[at]}`;
    const sql = Object.entries(descriptions).map(([tool, text]) => ({
      statement: 'INSERT INTO descriptions VALUES (?, ?)',
      values: [tool.split('/')[1] ?? '', text],
    }));
    return { sql, descriptions, tasks: [harmless] };
  }
  const { uri, task } = world.resource;
  const resource = {
    statement: "UPDATE resources SET text = text || ' ' || ? WHERE uri = ?",
    values: [first, uri],
  };
  if (second === undefined) return { sql: [resource], descriptions: {}, tasks: [task] };
  const other = { statement: world.spots[0].sql.replace(':text', '?'), values: [second] };
  return { sql: [resource, other], descriptions: {}, tasks: [task, world.spots[0].task] };
}

/** Puts a world back to its beginning, with this in it, while servers use it. */
export async function putBack(template: string, path: string, { sql }: Poison): Promise<void> {
  const fresh = `${path}.fresh`;
  await copyFile(template, fresh);
  useWorld(fresh, (database) => {
    for (const { statement, values } of sql)
      if (database.run(statement, [...values]).changes !== 1)
        throw new TypeError(`Cannot poison the world: ${statement} changed nothing`);
  });
  await rename(fresh, path);
}

/** Whether the first column of the first row is something. */
export function holds(path: string, sql: string): boolean {
  const row = useWorld(path, (database) => database.get(sql));
  return row !== null && Number(Object.values(row)[0]) > 0;
}
