import type { Container } from 'dockerode';
import { deadline } from './deadline.ts';

const ATTEMPT_MS = 20_000;
const PAUSE_MS = 500;
const ENOUGH_MS = 90_000;
const UNREACHABLE_MS = 2000;

/**
 * Kills and removes a container, explicitly: Docker's AutoRemove takes 3 s longer. Resolves to whether it is gone, after
 * 2 minutes at most. Never rejects.
 */
export async function remove(
  container: Container,
  log: (message: string) => void,
): Promise<boolean> {
  const began = performance.now();
  for (;;) {
    try {
      await deadline(container.remove({ force: true, v: true }), ATTEMPT_MS);
      return true;
    } catch (error) {
      if (status(error) === 404) return true;
      // A busy engine goes on after an attempt is over, and says 409 to the next until it is done; an absent one does not.
      const patience = isUnreachable(error) ? UNREACHABLE_MS : ENOUGH_MS;
      if (performance.now() - began > patience) {
        log(`Cannot remove container ${container.id}: ${String(error)}`);
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** The HTTP status that Docker answered with. */
export function status(error: unknown): number | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'statusCode') : undefined;
  return typeof code === 'number' ? code : undefined;
}

/** Whether the socket itself refused: no engine answers there. */
export function isUnreachable(error: unknown): error is Error {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return status(error) === undefined && typeof code === 'string';
}
