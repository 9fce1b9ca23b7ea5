import { quote } from './json.ts';

/** An object's members as canonical JSON, by name. */
export type Members = ReadonlyMap<string, string>;

/** The name of a member, and how its text begins. */
type Place = { readonly name: string; readonly start: string };

/** Objects of one kind have the same names: those are sorted and quoted once. */
const orders = new Map<string, readonly Place[]>();
const MAX_ORDERS = 256;
const MAX_KEY = 1024;

/** The names of the members in canonical order: sorted by code unit. */
export function inOrder(members: Members): readonly Place[] {
  const key = [...members.keys()].join();
  const known = orders.get(key);
  // Other names may join to the same key.
  if (known?.length === members.size && known.every(({ name }) => members.has(name))) return known;
  const names = [...members.keys()].toSorted();
  const order = names.map((name) => ({ name, start: `${quote(name)}:` }));
  if (orders.size >= MAX_ORDERS) orders.clear();
  if (key.length <= MAX_KEY) orders.set(key, order);
  return order;
}

/** An object as canonical text. */
export function joinMembers(members: Members): string {
  let text = '';
  for (const { name, start } of inOrder(members)) text += `,${start}${members.get(name)}`;
  return `{${text.slice(1)}}`;
}
