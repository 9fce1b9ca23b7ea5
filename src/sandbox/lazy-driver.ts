import { existsSync } from 'node:fs';
import { Denial } from '../denial.ts';
import type { Driver } from './driver.ts';

/**
 * A driver whose code is loaded with the first program that it is tried for: most gateways never do. Its cells have their
 * folders in `folder`; where there is none nothing was left behind.
 */
export function lazyDriver(
  {
    folder,
    ...facts
  }: Pick<Driver, 'tier' | 'canary' | 'isOnlyAsked'> & {
    readonly name: string;
    readonly folder: string;
  },
  load: () => Promise<Driver>,
): Driver {
  let loaded: Driver | undefined;
  const driver = async (): Promise<Driver> => (loaded ??= await load());
  return {
    ...facts,
    get canary() {
      return loaded?.canary ?? facts.canary;
    },
    get name() {
      return loaded?.name ?? facts.name;
    },
    open: async (wish, options) => await (await driver()).open(wish, options),
    refusal: (error) => loaded?.refusal(error) ?? Denial.from(error),
    reap: async () => (existsSync(folder) ? await (await driver()).reap() : 0),
  };
}
