import type { Caller } from '../call.ts';
import type { JsonObject } from '../lib/json.ts';
import type { RequestId } from './frames.ts';

/** One JSON-RPC message, parsed once and never looked at as bytes again. */
export type Frame = JsonObject;

/** What a channel tells its owner. After `onClose` nothing more comes. */
export type ChannelEvents = {
  /** `cause` is the request of ours on whose stream it came, where the transport has one for each. */
  onFrame(frame: Frame, cause?: RequestId): void;
  /** A message that could not be read, and was thrown away; `id` of the request it answered, where that could be told. */
  onUnreadable?(problem: Error, id?: number): void;
  /** `reason` is absent after an orderly `close()`. */
  onClose(reason?: Error): void;
};

/** A duplex of frames to one upstream: a child process, an HTTP session, or a server in this process. */
export interface Channel {
  /**
   * Resolves when the frame is handed over (back-pressure), over HTTP when the answer to a request has come too.
   * Rejects when the frame was not delivered or its answer can no longer come. `caller`: in whose name; absent: of whoever
   * asks now.
   */
  send(frame: Frame, caller?: Caller): Promise<void>;
  close(): Promise<void>;
}

/** Opens a channel; `signal` ends the attempt. Throws when the other side cannot be reached. */
export type OpenChannel = (events: ChannelEvents, signal: AbortSignal) => Promise<Channel>;
