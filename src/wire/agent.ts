import type { Caller, JsonObject } from '../call.ts';
import type { Frame } from './channel.ts';

/** Throws where what the transport repeats of a request disagrees with it, by the definition of what it calls. */
export type Agree = (definition: JsonObject) => void;

/** What is known of a message beside its frame. */
export type Aside = {
  readonly agree?: Agree | undefined;
  /** Its sender knows the tasks extension. */
  readonly extension?: Extension | undefined;
};

/** A request of a client that knows tasks of MCP 2026-07-28. */
export type Extension = {
  /** Who sends it: the same person with other claims than the connection was opened with, perhaps. */
  readonly caller: Caller;
  /** Told of the task that the request begins, before it is answered. */
  readonly onTask?: (task: JsonObject) => void;
};

/** The way back to one connected client. */
export type AgentPort = {
  /**
   * Sends a frame to the client. `related` is the id of the client's request in flight that caused it: over HTTP the
   * frame then goes on that request's stream, otherwise on the standalone stream.
   */
  send(frame: Frame, related?: string | number): void;
};

/** One client connection as its transport sees it. */
export interface AgentSession {
  /**
   * Takes one frame that the client sent, with what is known of it beside. Never throws: refusals are answered on the
   * port.
   */
  receive(frame: Frame, aside?: Aside): void;
  /** Answers a message that could not even be parsed, and writes it to the audit. */
  refuse(problem: Error): void;
  /**
   * A later request proved the same caller with other groups or scopes: from now on these count. Without it the
   * transport ends the session instead.
   */
  renew?(caller: Caller): void;
  close(): Promise<void>;
}

/** Makes a session for a client whose identity is known. */
export type OpenAgentSession = (options: {
  readonly caller: Caller;
  readonly port: AgentPort;
  readonly transport: 'stdio' | 'http';
  /** Whether the handshake is the gate's own, which reads nothing of the welcome: requests of modern clients come here. */
  readonly isInner?: () => boolean;
}) => AgentSession;
