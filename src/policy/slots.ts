import type { Cedar, CedarModule, Prepared } from './cedar.ts';

export type SlotsOptions<T> = {
  readonly cedar: Cedar;
  readonly kind: Prepared;
  readonly prepare: (
    module: CedarModule,
    name: string,
    value: T,
  ) => ReturnType<CedarModule['preparseSchema']>;
  readonly weigh: (value: T) => number;
  /** Sum of weights that may be prepared at once. */
  readonly capacity: number;
};

export type Slots<T> = {
  /** Names something that Cedar has prepared; `make` is called when it is not. Throws when Cedar refuses it. */
  slotFor(key: string, make: () => T): string;
  /** Gives all names back. Whoever asks for one after that is refused. */
  close(): void;
};

type Slot = { readonly name: string; readonly weight: number };

/**
 * Prepared sets and schemas, least recently used leave first. Cedar frees what a name held only when the name is used
 * again, so names are.
 */
export function createSlots<T>(options: SlotsOptions<T>): Slots<T> {
  const { cedar, kind, prepare, weigh, capacity } = options;
  const slots = new Map<string, Slot>();
  let free: string[] = [];
  let total = 0;
  let { generation } = cedar;
  let closed = false;

  function slotFor(key: string, make: () => T): string {
    // Under its names others may be prepared by now.
    if (closed) throw new TypeError('Cannot decide: these policies are no longer in force');
    if (generation !== cedar.generation) reset();
    const known = slots.get(key);
    if (known) {
      slots.delete(key);
      slots.set(key, known);
      return known.name;
    }
    const value = make();
    const slot = { name: free.pop() ?? cedar.takeName(kind), weight: weigh(value) };
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

  function close(): void {
    if (closed) return;
    if (generation !== cedar.generation) reset();
    closed = true;
    for (const name of [...free, ...Array.from(slots.values(), (slot) => slot.name)])
      cedar.giveName(kind, name);
    slots.clear();
  }

  return { slotFor, close };
}
