import type { Cedar, CedarModule } from './cedar.ts';

export type SlotsOptions<T> = {
  readonly cedar: Cedar;
  readonly prepare: (
    module: CedarModule,
    name: string,
    value: T,
  ) => ReturnType<CedarModule['preparseSchema']>;
  readonly weigh: (value: T) => number;
  /** Sum of weights that may be prepared at once. */
  readonly capacity: number;
};

/** Names something that Cedar has prepared; `make` is called when it is not. Throws when Cedar refuses it. */
export type Slots<T> = (key: string, make: () => T) => string;

type Slot = { readonly name: string; readonly weight: number };

/**
 * Prepared sets and schemas, least recently used leave first. Cedar frees what a name held only when the name is used
 * again, so names are.
 */
export function createSlots<T>(options: SlotsOptions<T>): Slots<T> {
  const { cedar, prepare, weigh, capacity } = options;
  const slots = new Map<string, Slot>();
  let free: string[] = [];
  let total = 0;
  let { generation } = cedar;

  function slotFor(key: string, make: () => T): string {
    if (generation !== cedar.generation) reset();
    const known = slots.get(key);
    if (known) {
      slots.delete(key);
      slots.set(key, known);
      return known.name;
    }
    const value = make();
    const slot = { name: free.pop() ?? cedar.newName(), weight: weigh(value) };
    const answer = cedar.use((module) => prepare(module, slot.name, value));
    if (answer.type !== 'success') {
      free.push(slot.name);
      throw new TypeError(`Cannot prepare policies: ${answer.errors[0]?.message ?? 'no reason'}`);
    }
    slots.set(key, slot);
    total += slot.weight;
    for (const [old, { name, weight }] of slots) {
      if (total <= capacity || old === key) break;
      slots.delete(old);
      free.push(name);
      total -= weight;
    }
    return slot.name;
  }

  function reset(): void {
    slots.clear();
    free = [];
    total = 0;
    ({ generation } = cedar);
  }

  return slotFor;
}
