import type { Caller } from '../../call.ts';
import { Denial } from '../../denial.ts';
import { personOf } from '../../person.ts';

/** Takes a place for one task of this person; returns what gives it back. Throws `rate-limited`. */
export type TakeTaskSlot = (caller: Caller) => () => void;

/** Tasks outlive requests, and connections are easily made: they are counted by who signed in. */
export function createTaskSlots(most: number): TakeTaskSlot {
  const taken = new Map<string, number>();

  return function takeTaskSlot(caller) {
    const person = personOf(caller);
    const count = taken.get(person) ?? 0;
    if (count >= most)
      throw new Denial('rate-limited', `Cannot run the task: ${most} are kept already`, {
        hint: 'wait for one to end, cancel one, or call the tool without a task',
      });
    taken.set(person, count + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (taken.get(person) ?? 1) - 1;
      if (left > 0) taken.set(person, left);
      else taken.delete(person);
    };
  };
}
