import type { Caller } from '../../call.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Agree } from '../agent.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import type { RequestMeta } from '../modern/meta.ts';

/** The way back of one request: what comes on it belongs to that request and to nothing else. */
export interface Exchange {
  /** The client's own id of the request. */
  readonly id: RequestId;
  notify(frame: Frame): void;
  /** The last frame; nothing may follow. */
  answer(frame: Frame): void;
}

/** One modern request whose sender is known and whose `_meta` was read. */
export type ModernRequest = {
  readonly caller: Caller;
  readonly method: string;
  readonly params: JsonObject;
  readonly meta: RequestMeta;
  /** Where the transport repeats arguments. */
  readonly agree?: Agree;
};
