import type { QuickJSContext } from 'quickjs-emscripten-core';
import type { GuestCalls } from './guest.ts';
import type { Framed } from './read-frame.ts';

type HandOverOptions = {
  readonly context: QuickJSContext;
  readonly guest: GuestCalls;
  readonly wanted: Framed['outputs'];
  /** Writes a mark with this word. */
  readonly mark: (word: string) => void;
  readonly write: (bytes: Buffer) => void;
};

/** Sends the files that are wanted, as `supervise.sh` does. Whatever the program made of its engine, each is bounded. */
export function handOver({ context, guest, wanted, mark, write }: HandOverOptions): void {
  if (wanted.paths.length === 0) return;
  mark('s');
  for (const path of wanted.paths)
    try {
      mark(send(path));
    } catch {
      mark('u');
    }

  function send(path: string): string {
    const most = context.newNumber(wanted.most);
    const size = guest.number('size', context.newString(path), most);
    if (size < 0) return size === -2 ? 'n' : 'm';
    const end = Math.min(size, wanted.most);
    for (let at = 0; at < end;) {
      const text = guest.text('piece', context.newNumber(at));
      const bytes = Buffer.from(text, 'base64').subarray(0, end - at);
      if (bytes.length === 0) return 'u';
      write(bytes);
      at += bytes.length;
    }
    return 'w';
  }
}
