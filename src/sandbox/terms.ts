import * as z from 'zod';
import type { Call, Grant } from '../call.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import { disown } from '../wire/disown.ts';
import { pathOf, PATHS } from './path.ts';
import { isTier, TIERS } from './tier.ts';

/** Where they stand in the `_meta` of a `tools/call` to a server of the gateway's own. */
const KEY = 'sallyport/terms';

const schema = z.strictObject({
  /** Of the call, in the audit: 32 hex digits. */
  traceId: z.string().regex(/^[0-9a-f]{32}$/u),
  /** Lists of policies that narrow the configuration's: `bounds.ts` reads them. */
  egress: z.array(z.string()).optional(),
  path: z.enum(PATHS),
  /** The least tier, where a policy names one. */
  isolation: z.enum(TIERS).optional(),
});

/** What the gateway says of a call to its own code server, beside what the caller asked for: one row each. */
export type Terms = Readonly<z.output<typeof schema>>;

function termsOf(grant: Grant, anomaly: number | undefined): Terms {
  const { call, obligations } = grant.permit;
  const { egress, isolation } = obligations;
  // A tier that nobody knows is one that nobody gives.
  if (isolation !== undefined && !isTier(isolation))
    throw new TypeError(`Cannot isolate: unknown tier ${isolation}`);
  return {
    traceId: call.traceId,
    path: pathOf(grant, anomaly),
    ...(isolation !== undefined && { isolation }),
    ...(egress && { egress: [...egress] }),
  };
}

export type WithTermsOptions = {
  readonly servers: readonly { readonly name: string; readonly isOwn?: boolean }[];
  /** How unlike earlier calls a call is, where somebody has looked. */
  readonly anomalyOf: (call: Call) => { readonly score: number } | undefined;
};

/** Adds them to the `params` of calls to the gateway's own servers. Whatever a client wrote in its name is gone there. */
export function createWithTerms({
  servers,
  anomalyOf,
}: WithTermsOptions): (grant: Grant, params: JsonObject) => JsonObject {
  const own = new Set(servers.filter(({ isOwn }) => isOwn).map(({ name }) => name));
  return function withTerms(grant, params) {
    const { call } = grant.permit;
    if (!own.has(call.subject.server)) return params;
    const { _meta: meta } = disown(params);
    const terms = termsOf(grant, anomalyOf(call)?.score);
    return { ...params, _meta: { ...(isJsonObject(meta) ? meta : {}), [KEY]: terms } };
  };
}

/** Reads them from `_meta`. Throws where they are missing or not understood: a call without them came past the gate. */
export function readTerms(meta: unknown): Terms {
  const { data, error } = schema.safeParse(
    typeof meta === 'object' && meta !== null ? Reflect.get(meta, KEY) : undefined,
  );
  if (!data) throw new TypeError('Cannot run the program: the call has no terms', { cause: error });
  return data;
}
