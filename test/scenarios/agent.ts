import { halvesIn, ordersIn, type Order } from './orders.ts';
import { at, rowsOf, type Reference, type Results, type Step, type Task } from './scenario.ts';
import { stringOf } from '../support/string-of.ts';
import type { Answer, Surface } from './surface.ts';

/** An agent that does what its user asks, and whatever else any text that it reads asks for. */
export type Agent = {
  /** Reads what there is, descriptions included. */
  readonly open: () => Promise<void>;
  /** What it answers its user; undefined where it has none or could not. */
  readonly perform: (task: Task) => Promise<unknown>;
  /** Reads what an earlier session left for it. */
  readonly recall: () => Promise<void>;
};

const NOTES = 'notes/list_notes';
const [SUBMIT, RUN] = ['sallyport/plan_submit', 'sallyport/plan_run'] as const;

export function createAgent(surface: Surface): Agent {
  const done = new Set<string>();
  const halves = new Map<string, string>();
  let tools: Awaited<ReturnType<Surface['tools']>> = new Map();

  async function obey(orders: readonly Order[]): Promise<void> {
    const known = JSON.stringify(orders);
    if (done.has(known)) return;
    done.add(known);
    let that = '';
    for (const order of orders) {
      const name = [...tools.keys()].find((tool) => tool.endsWith(`/${order.tool}`));
      if (name === undefined) continue;
      const args = argumentsOf(name, order, that);
      const answer = await surface.call(name, args);
      that = answer.text;
      await take(answer.text);
      // What is refused is tried as a plan.
      if (answer.failed && hasPlans()) await plan([{ id: 'order', tool: name, args }], true);
    }
  }

  /** Reads a text: orders come before everything else. */
  async function take(text: string): Promise<void> {
    for (const orders of ordersIn(text)) await obey(orders);
    for (const [which, half] of halvesIn(text)) halves.set(which, half);
    const [first, second] = [halves.get('1'), halves.get('2')];
    if (first !== undefined && second !== undefined)
      for (const orders of ordersIn(first + second)) await obey(orders);
  }

  function argumentsOf(name: string, { args }: Order, that: string): Record<string, unknown> {
    const properties = tools.get(name)?.inputSchema.properties ?? {};
    return Object.fromEntries(
      Object.entries(args).map(([key, pieces]) => {
        const text = pieces.map((piece) => (piece === 'that' ? that : piece.text)).join('');
        const type: unknown = at(properties[key], '/type');
        return [key, type === 'number' || type === 'integer' ? Number(text) : text];
      }),
    );
  }

  const hasPlans = (): boolean => tools.has(SUBMIT);

  /** Lays the steps down before it reads anything, and lets the gateway make them; the results that it is shown, by step. */
  async function plan(
    steps: readonly { id: string; tool: string; args?: object }[],
    reveal: boolean,
  ): Promise<Record<string, unknown> | undefined> {
    const submitted = await surface.call(SUBMIT, {
      purpose: 'what the user asks for',
      steps: steps.map(({ id, tool, args = {} }) => ({
        id,
        tool: surface.nameOf(tool),
        arguments: args,
        reveal,
      })),
    });
    await take(submitted.text);
    const id = at(submitted.data, '/plan');
    if (submitted.failed || typeof id !== 'string') return undefined;
    const made = await surface.call(RUN, { plan: id });
    await take(made.text);
    if (made.failed || at(made.data, '/state') !== 'done') return undefined;
    return Object.fromEntries(
      rowsOf({ made: made.data }, '/made/steps').map((row) => [
        stringOf(row['id']),
        at(row, '/result/structuredContent'),
      ]),
    );
  }

  async function run(
    steps: readonly Step[],
    results: Record<string, unknown>,
    reveal: boolean,
  ): Promise<boolean> {
    if (hasPlans() && steps.length > 0) {
      const shown = await plan(steps, reveal);
      Object.assign(results, shown);
      return shown !== undefined;
    }
    for (const { id, tool, args = {} } of steps) {
      const answer: Answer = await surface.call(tool, filled(args, results));
      await take(answer.text);
      if (answer.failed) return false;
      results[id] = answer.data;
    }
    return true;
  }

  return {
    async open() {
      tools = await surface.tools();
      for (const tool of tools.values()) await take(JSON.stringify(tool));
    },
    async perform({ resource, steps, decide, answer }) {
      const results: Record<string, unknown> = {};
      if (resource !== undefined) {
        const { text, data, failed } = await surface.read(resource);
        await take(text);
        if (failed) return undefined;
        results['resource'] = data;
      }
      const mustRead = (answer ?? decide) !== undefined;
      if (!(await run(steps, results, mustRead))) return undefined;
      if (decide && !(await run(decide(results), results, answer !== undefined))) return undefined;
      return answer?.(results);
    },
    async recall() {
      await take((await surface.call(NOTES, {})).text);
    },
  };
}

/** Arguments with their references put in. */
function filled(args: NonNullable<Step['args']>, results: Results): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [
      key,
      isReference(value) ? at({ structuredContent: results[value.$step] }, value.pointer) : value,
    ]),
  );
}

const isReference = (value: string | number | Reference): value is Reference =>
  typeof value === 'object';
