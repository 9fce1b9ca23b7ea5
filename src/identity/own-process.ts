import { createShown } from '../audit/shown.ts';
import type { Caller } from '../call.ts';
import type { Channel, OpenChannel } from '../wire/channel.ts';
import { masked } from '../wire/masked.ts';
import type { OwnSecret } from './own-secret.ts';

export type OwnProcessOptions = {
  readonly own: OwnSecret;
  /** A channel to a process that has this secret; what the process writes past the channel goes through `mask`. */
  readonly open: (secret: string, mask: (text: string) => string) => OpenChannel;
  /** Another text whenever what `own` reads may have changed. */
  readonly version: () => string;
  /** Milliseconds after which `version` is asked again. */
  readonly lookMs: number;
};

/**
 * Channels to processes that work with a person's own secret: one process for each channel, started for who asks then,
 * given up when that person takes the secret back or has another one, and deaf to everybody else.
 */
export function createOwnProcess(options: OwnProcessOptions): (who: () => Caller) => OpenChannel {
  const { own, version } = options;
  return function openFor(who) {
    return async function openOwn(events, signal) {
      const { issuer, subject } = who();
      let known = version();
      const secret = await own({ issuer, subject });
      const { add, mask } = createShown();
      add(secret);
      let looking: NodeJS.Timeout | undefined;
      let gone = false;
      const onClose = (reason?: Error): void => {
        clearInterval(looking);
        if (!gone) events.onClose(reason);
        gone = true;
      };
      const channel = await masked(options.open(secret, mask), mask)(
        { ...events, onClose },
        signal,
      );
      looking = setInterval(() => void look(channel), options.lookMs).unref();

      async function look(opened: Channel): Promise<void> {
        const now = version();
        if (now === known) return;
        known = now;
        const present = await own({ issuer, subject }).catch(() => undefined);
        if (present === secret) return;
        onClose(new Error('the person it was started for has another secret now, or none'));
        await opened.close();
      }
      return {
        async send(frame, caller = who()) {
          // Sessions belong to one person. Were one to change hands, the next call would go out with another's secret.
          if (caller.issuer !== issuer || caller.subject !== subject)
            throw new Error('Cannot send: the process belongs to another person');
          await channel.send(frame);
        },
        async close() {
          clearInterval(looking);
          await channel.close();
        },
      };
    };
  };
}
