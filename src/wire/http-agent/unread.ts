import type { ServerResponse } from 'node:http';
import type { RequestId } from '../frames.ts';
import { HttpRefusal } from './refusal.ts';

/** Answers on their way to one client, which may not read them. */
export interface Unread {
  add(response: ServerResponse): void;
  /** Throws while the client leaves more than `maxBytes` unread: who does not read cannot ask for more. */
  check(id: RequestId, maxBytes: number): void;
}

/** `onEmpty`: nothing is on its way any more. */
export function createUnread(onEmpty: () => void = () => undefined): Unread {
  const open = new Set<ServerResponse>();
  return {
    add(response) {
      open.add(response);
      response.once('close', () => {
        open.delete(response);
        if (open.size === 0) onEmpty();
      });
    },
    check(id, maxBytes) {
      let waiting = 0;
      for (const { writableLength } of open) waiting += writableLength;
      if (waiting > maxBytes)
        throw new HttpRefusal(
          'requests-exhausted',
          'Cannot accept the request: earlier answers have not been read',
          { id },
        );
    },
  };
}
