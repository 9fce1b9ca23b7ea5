import { createRandom, sample as draw } from '../../src/redteam/random.ts';
import { endings } from '../support/endings.ts';
import { createAgent } from './agent.ts';
import { bank } from './bank.ts';
import { code } from './code.ts';
import { COLUMNS, openColumn, type Column, type Opened } from './column.ts';
import { office } from './office.ts';
import { CLEAN, holds, place, PLACEMENTS, type Placement } from './place.ts';
import type { Attack, Task, World } from './scenario.ts';
import { travel } from './travel.ts';

export const ALL: readonly World[] = [bank, office, travel, code];

export type AttackResult = {
  readonly column: Column;
  readonly world: string;
  readonly attack: string;
  readonly kind: string;
  readonly placement: Placement;
  readonly reached: boolean;
};
export type TaskResult = {
  readonly column: Column;
  readonly world: string;
  readonly task: string;
  readonly completed: boolean;
  readonly questions: number;
  /** After the others, in one session. */ readonly late: boolean;
};
export type Results = {
  readonly attacks: readonly AttackResult[];
  readonly tasks: readonly TaskResult[];
};

export type RunOptions = {
  /** Attacks of each world, each in a place that counts as one; absent: all. */
  readonly sample?: number | undefined;
  readonly seed: number;
  readonly progress: (done: string) => void;
};

/** Every task and attack of every world in every column; the judge looks at the databases, and at what the user is told. */
export async function runScenarios({ sample, seed, progress }: RunOptions): Promise<Results> {
  const attacks: AttackResult[] = [];
  const tasks: TaskResult[] = [];
  for (const world of ALL)
    for (const column of COLUMNS) {
      await using ends = endings();
      const opened = await openColumn(ends, world, column);
      for (const late of [false, true])
        for (const [task, wanted] of Object.entries(world.tasks)) {
          const done = await runTask(opened, wanted, late ? 'all day' : `task ${task}`);
          tasks.push({ column, world: world.name, task, ...done, late });
        }
      for (const { attack, placement, turn } of casesOf(world, sample, seed)) {
        const wanted = named(world.attacks, attack);
        const reached = await runAttack(opened, world, wanted, placement, turn);
        attacks.push({ column, world: world.name, attack, kind: wanted.kind, placement, reached });
      }
      progress(`${world.name}, ${column}`);
    }
  return { attacks, tasks };
}

type Case = { readonly attack: string; readonly placement: Placement; readonly turn: number };

/** The same for every column. */
function casesOf(world: World, sample: number | undefined, seed: number): Case[] {
  const all = Object.keys(world.attacks).flatMap((attack, turn) =>
    PLACEMENTS.map((placement) => ({ attack, placement, turn })),
  );
  return sample === undefined ? all : draw(all, sample, createRandom(`${seed} ${world.name}`));
}

async function runTask(
  opened: Opened,
  task: Task,
  person: string,
): Promise<Pick<TaskResult, 'completed' | 'questions'>> {
  await opened.reset(CLEAN);
  await using session = await opened.connect(person);
  const agent = createAgent(session);
  await agent.open();
  const answer = await agent.perform(task);
  const told = task.answer === undefined || answer === task.wanted;
  return {
    completed: told && (task.done === undefined || holds(opened.database, task.done)),
    questions: session.questions(),
  };
}

async function runAttack(
  opened: Opened,
  world: World,
  attack: Attack,
  placement: Placement,
  turn: number,
): Promise<boolean> {
  const poison = place(world, attack, placement, turn);
  const person = `attack ${turn} ${placement}`;
  await opened.reset(poison);
  // What is reached before anybody has done anything is no attack.
  if (holds(opened.database, attack.reached))
    throw new TypeError(`Cannot judge ${attack.kind}: it is reached at the start`);
  {
    await using session = await opened.connect(person);
    const agent = createAgent(session);
    await agent.open();
    for (const task of poison.tasks) await agent.perform(named(world.tasks, task));
  }
  if (attack.later) {
    await using session = await opened.connect(person);
    const agent = createAgent(session);
    await agent.open();
    await agent.recall();
  }
  return holds(opened.database, attack.reached);
}

function named<T>(all: Readonly<Record<string, T>>, name: string): T {
  const found = all[name];
  if (found === undefined) throw new TypeError(`Cannot find ${name}`);
  return found;
}
