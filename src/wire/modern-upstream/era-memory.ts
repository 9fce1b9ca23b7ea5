import { isJsonObject, type JsonObject } from '../../lib/json.ts';

/** How a configured server was spoken to when that last worked; `sse` is HTTP+SSE of 2024-11-05. */
export type Era = 'modern' | 'legacy' | 'sse';

/**
 * What one configured server speaks, in memory and shared by all connections to it, so that only the first pays for the
 * question. It holds nothing that a caller or a server said but the name the server gives itself.
 */
export type EraMemory = {
  readonly era: Era | undefined;
  /** `serverInfo`: a server that changed may speak what it did not, so the next connection asks again. */
  learn(era: Era, serverInfo: unknown): void;
  forget(): void;
};

export function createEraMemory(): EraMemory {
  let era: Era | undefined;
  let face: string | undefined;
  return {
    get era() {
      return era;
    },
    learn(spoken, serverInfo) {
      const shown = nameOf(serverInfo);
      era = era !== undefined && era !== 'modern' && shown !== face ? undefined : spoken;
      face = shown;
    },
    forget() {
      era = undefined;
      face = undefined;
    },
  };
}

/** Bounded: it is the server's own text. */
function nameOf(serverInfo: unknown): string {
  const { name, version }: JsonObject = isJsonObject(serverInfo) ? serverInfo : {};
  return JSON.stringify([name, version]).slice(0, 400);
}
