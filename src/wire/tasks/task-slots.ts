import type { Caller } from '../../call.ts';
import { Denial } from '../../denial.ts';
import type { JsonObject } from '../../lib/json.ts';
import { jsonSize } from '../../lib/json-size.ts';
import { personOf } from '../../person.ts';

export type TaskLimits = {
  /** Tasks of one person. */
  readonly most: number;
  /** Bytes of what they came to. */
  readonly mostBytes: number;
};

/** A place for one task. */
export interface TaskSlot {
  /** Takes room for what it came to. `false`: there is none. */
  hold(result: JsonObject): boolean;
  release(): void;
}

/** Takes a place for one task of this person. Throws `rate-limited`. */
export type TakeTaskSlot = (caller: Caller) => TaskSlot;

/** Tasks outlive requests, and connections are easily made: they are counted by who signed in. */
export function createTaskSlots({ most, mostBytes }: TaskLimits): TakeTaskSlot {
  const taken = new Map<string, { count: number; bytes: number }>();

  return function takeTaskSlot(caller) {
    const person = personOf(caller);
    const own = taken.get(person) ?? { count: 0, bytes: 0 };
    if (own.count >= most)
      throw new Denial('rate-limited', `Cannot run the task: ${most} are kept already`, {
        hint: 'wait for one to end, cancel one, or call the tool without a task',
      });
    own.count++;
    taken.set(person, own);
    let held = 0;
    let released = false;
    return {
      hold(result) {
        const left = mostBytes - own.bytes;
        const { bytes } = jsonSize(result, left);
        if (released || bytes > left) return false;
        own.bytes += bytes;
        held += bytes;
        return true;
      },
      release() {
        if (released) return;
        released = true;
        own.count--;
        own.bytes -= held;
        if (own.count === 0) taken.delete(person);
      },
    };
  };
}
