import type { Container } from 'dockerode';
import { deadline } from './deadline.ts';

const ATTEMPT_MS = 20_000;
const PAUSE_MS = 500;
const ATTEMPTS = 3;

/** Kills and removes a container, explicitly: Docker's AutoRemove takes 3 s longer. Never rejects. */
export async function remove(
  container: Container,
  log: (message: string) => void,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await deadline(container.remove({ force: true, v: true }), ATTEMPT_MS);
      return true;
    } catch (error) {
      if (status(error) === 404) return true;
      if (attempt === ATTEMPTS) {
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
