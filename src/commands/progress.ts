const WIDTH = 24;

export type ProgressBar = {
  /** For what goes to the log; the bar steps aside. */
  readonly log: (message: string) => void;
  readonly progress: (step: string, done?: number) => void;
  /** Takes the bar away. */
  readonly end: () => void;
};

/** A bar on a terminal; elsewhere what is logged is all there is. */
export function createProgressBar(stderr: NodeJS.WritableStream): ProgressBar {
  const terminal = 'isTTY' in stderr && stderr.isTTY === true;
  let shown = '';

  function clear(): void {
    if (shown) stderr.write('\r\u001b[K');
    shown = '';
  }

  return {
    log(message) {
      clear();
      stderr.write(`sallyport: ${message}\n`);
    },
    progress(step, done) {
      if (!terminal) return;
      const full = Math.round((done ?? 0) * WIDTH);
      const bar = `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}]`;
      const next = done === undefined ? step : `${bar} ${Math.floor(done * 100)} % ${step}`;
      if (next === shown) return;
      clear();
      stderr.write(next);
      shown = next;
    },
    end: clear,
  };
}
