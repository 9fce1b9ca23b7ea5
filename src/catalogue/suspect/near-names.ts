import { foldName } from './fold-name.ts';
import type { Suspicion } from './suspicion.ts';

export type NamedTool = { readonly server: string; readonly name: string };

/** Shorter names are a letter apart by chance. */
const MIN_LENGTH = 6;

/**
 * Tools of other servers whose names a model could confuse with this one: the same, the same but for case and separators,
 * or one letter more, less, changed or moved. Ordinary between servers that do alike, so a person is told and no more.
 */
export function createNearNames(
  tools: Iterable<NamedTool>,
): (server: string, name: string) => Suspicion[] {
  const byFold = new Map<string, NamedTool[]>();
  const byRest = new Map<string, Set<string>>();
  for (const tool of tools) {
    const folded = foldName(tool.name);
    byFold.set(folded, [...(byFold.get(folded) ?? []), tool]);
    for (const rest of rests(folded)) byRest.set(rest, (byRest.get(rest) ?? new Set()).add(folded));
  }

  return function nearNames(server, name) {
    const folded = foldName(name);
    const found: Suspicion[] = [];
    const tell = (check: Suspicion['check'], other: NamedTool, how: string): void => {
      const detail = `${how} ${other.server}/${other.name}`;
      found.push({ check, pointer: '/name', detail, grave: false });
    };
    for (const other of byFold.get(folded) ?? [])
      if (other.server !== server)
        tell(
          'same-name',
          other,
          other.name === name ? 'has the name of' : 'but for case and separators it is',
        );
    const near = new Set(rests(folded).flatMap((rest) => [...(byRest.get(rest) ?? [])]));
    for (const one of near)
      if (one !== folded && isNear(one, folded))
        for (const other of byFold.get(one) ?? [])
          if (other.server !== server) tell('look-alike', other, 'is one letter away from');
    return found;
  };
}

/** The name, and the name without each of its letters: names one letter apart share one of them. */
function rests(name: string): string[] {
  if (name.length < MIN_LENGTH || name.length > 64) return [];
  return [name, ...Array.from(name, (_, at) => name.slice(0, at) + name.slice(at + 1))];
}

/** At most one letter more, less, changed, or two neighbours exchanged. */
function isNear(one: string, other: string): boolean {
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  let end = 0;
  const shortest = Math.min(one.length, other.length);
  while (end < shortest - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  const [left, right] = [one, other].map((word) => word.slice(start, word.length - end));
  if (left === undefined || right === undefined) return false;
  const isSwap = left.length === 2 && right === `${left[1]}${left[0]}`;
  return isSwap || (left.length <= 1 && right.length <= 1);
}
