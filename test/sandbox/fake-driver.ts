import { Denial } from '../../src/denial.ts';
import type { Cell, Driver, Wish } from '../../src/sandbox/driver.ts';
import type { Execution } from '../../src/sandbox/execute.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';

export const FINE: Execution = {
  stdout: '',
  stderr: '',
  exitCode: 0,
  ended: 'exited',
  truncated: false,
};

export type FakeDriver = Driver & {
  readonly wishes: Wish[];
  /** What happened to its cells, in order: `open 0`, `execute 0`, `destroyed 0`. */
  readonly events: string[];
};

/** A driver whose cells do what a race needs and no real one does at will. */
export function fakeDriver(
  cell: (number: number, wish: Wish) => Partial<Cell> = () => ({}),
): FakeDriver {
  const wishes: Wish[] = [];
  const events: string[] = [];
  return {
    tier: 'gvisor',
    name: 'fake',
    wishes,
    events,
    canary: { language: 'bash', code: '', read: () => undefined },
    async open(wish) {
      const number = wishes.push(wish) - 1;
      const own = cell(number, wish);
      events.push(`open ${number}`);
      return await Promise.resolve({
        id: String(number),
        ...own,
        async execute(program, options) {
          events.push(`execute ${number}`);
          return (await own.execute?.(program, options)) ?? FINE;
        },
        async destroy() {
          await own.destroy?.();
          events.push(`destroyed ${number}`);
        },
      });
    },
    refusal: (error) => Denial.from(error),
    reap: async () => await Promise.resolve(0),
  };
}

const random = (bytes: number): string => '0'.repeat(bytes * 2);

export function fakeSandbox(driver: Driver, options: Partial<SandboxOptions> = {}): Sandbox {
  return createSandbox({ drivers: [driver], now: Date.now, random, log: () => {}, ...options });
}
