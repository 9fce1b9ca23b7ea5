import * as z from 'zod';
import type { JsonObject } from '../lib/json.ts';
import { PATHS } from './path.ts';
import { TIERS } from './tier.ts';

/** What a result of the gateway's own code server says of the sandbox; its other members are the program's words. */
const schema = z.object({
  path: z.enum(PATHS),
  tier: z.enum(TIERS),
  driver: z.string(),
  sandboxId: z.string(),
});

/** The sandbox that served a call. */
export type Served = {
  readonly path: string;
  readonly tier: string;
  readonly driver: string;
  readonly id: string;
};

/** Tells of a result which sandbox it came from; nothing of results of other servers, whatever they say of themselves. */
export function createServedBy(
  servers: readonly { readonly name: string; readonly isOwn?: boolean }[],
): (server: string, result: JsonObject) => Served | undefined {
  const own = new Set(servers.filter(({ isOwn }) => isOwn).map(({ name }) => name));
  return function servedBy(server, result) {
    if (!own.has(server)) return undefined;
    const { data } = schema.safeParse(result['structuredContent']);
    if (!data) return undefined;
    const { sandboxId: id, ...rest } = data;
    return { ...rest, id };
  };
}
