import type { ChildProcess } from 'node:child_process';
import { spawnExecutor } from '../lib/spawn-executor.ts';

/** Ends process groups when this process is gone without having done so itself, e.g. by SIGKILL. */
export interface LastWill {
  /** Names a group that has to end with this process; the returned function takes it back, when it has ended. */
  add(group: number): () => void;
  close(): void;
}

/**
 * Reads which groups live until its input ends, which the system does whatever this process died of. They have heard of
 * it in the same way and have the time that a server has at an orderly end. A number that was seen free once is never
 * signalled: it may be another's by then.
 */
const EXECUTOR = `
live=' '
while read -r word group; do
  case $word in
    add) live="$live$group " ;;
    drop) case $live in *" $group "*) live="\${live%%" $group "*} \${live#*" $group "}" ;; esac ;;
  esac
done
look() {
  still=' '
  for group in $live; do kill -s 0 -- "-$group" 2>/dev/null && still="$still$group "; done
  live=$still
}
end() {
  for group in $live; do kill -s "$1" -- "-$group" 2>/dev/null; done
}
tick=0
while look; [ "$live" != ' ' ]; do
  [ "$tick" -eq 15 ] && end TERM
  [ "$tick" -ge 30 ] && { end KILL; exit; }
  tick=$((tick + 1))
  sleep 0.1
done
`;

/** The executor starts with the first group. Where there is no POSIX shell nothing is ended. */
export function createLastWill(): LastWill {
  const groups = new Set<number>();
  let executor: ChildProcess | undefined;
  let starting: NodeJS.Immediate | undefined;

  function start(): void {
    starting = undefined;
    if (groups.size === 0) return;
    const child = spawnExecutor(EXECUTOR, {
      env: { PATH: '/usr/bin:/bin' },
      onGone() {
        if (executor === child) executor = undefined;
      },
    });
    executor = child;
    for (const group of groups) tell('add', group);
  }

  function tell(word: 'add' | 'drop', group: number): void {
    executor?.stdin?.write(`${word} ${group}\n`);
  }

  return {
    add(group) {
      if (process.platform === 'win32') return () => undefined;
      groups.add(group);
      if (executor) tell('add', group);
      // After what the server was started for: a fork takes a moment.
      else starting ??= setImmediate(start);
      return () => {
        if (groups.delete(group)) tell('drop', group);
      };
    },
    close() {
      clearImmediate(starting);
      executor?.stdin?.end();
      executor = undefined;
    },
  };
}
