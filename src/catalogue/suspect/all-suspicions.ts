import type { JsonObject } from '../../lib/json.ts';
import { definitionId, type Kind } from '../definition.ts';
import { pointerIn, type Judged } from '../quarantine.ts';
import { createNearNames, type NamedTool } from './near-names.ts';
import { createNeighbours } from './neighbours.ts';
import type { Suspicion } from './suspicion.ts';
import { suspiciousTexts } from './texts.ts';

export type AllSuspicionsOptions = {
  /** The tools of every configured server, listed or accepted. */
  readonly tools: readonly NamedTool[];
  readonly separator: string;
  readonly scanDefinition: (definition: JsonObject) => Judged;
};

/** Everything a person who reviews a definition should look at, the grave first. */
export function createAllSuspicions({
  tools,
  separator,
  scanDefinition,
}: AllSuspicionsOptions): (server: string, kind: Kind, definition: JsonObject) => Suspicion[] {
  const neighbours = createNeighbours(separator);
  for (const server of new Set(tools.map((tool) => tool.server)))
    neighbours.set(
      server,
      tools.filter((tool) => tool.server === server).map(({ name }) => name),
    );
  const nearNames = createNearNames(tools);

  return function allSuspicions(server, kind, definition) {
    const { verdict, findings = [] } = scanDefinition(definition);
    const said = findings.map(({ rule, view }): Suspicion => ({
      check: 'detector',
      pointer: pointerIn(view),
      detail: `reads like an instruction to the model: ${rule}`,
      grave: verdict === 'block',
    }));
    const name = kind === 'tool' ? nearNames(server, definitionId(kind, definition)) : [];
    const all = [
      ...suspiciousTexts(definition),
      ...neighbours.suspicions(server, kind, definition),
      ...(verdict === 'pass' ? [] : said),
      ...name,
    ];
    const distinct = new Map(all.map((one) => [`${one.pointer} ${one.detail}`, one]));
    return [...distinct.values()].toSorted((a, b) => Number(b.grave) - Number(a.grave));
  };
}
