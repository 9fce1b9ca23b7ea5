import type { Tier } from './tier.ts';

/** Ways to make cells, and the tier of each, in the order in which they are tried. */
export const DRIVERS = {
  docker: 'gvisor',
  runsc: 'gvisor',
  bubblewrap: 'process',
  qemu: 'microvm',
  kata: 'microvm',
  'qemu-emulated': 'microvm',
  quickjs: 'wasm',
} as const satisfies Record<string, Tier>;

export type DriverName = keyof typeof DRIVERS;

/** By QEMU's own words an emulated processor is no security boundary: it serves whoever has written that it may. */
const BY_CHOICE: readonly DriverName[] = ['qemu-emulated'];

/** Which ways a tier may take, in this order; `false`: none. A tier that is absent takes every way there is. */
export type TierWays = { readonly [T in Tier]?: readonly DriverName[] | false | undefined };

/** The ways that are allowed, in the order in which they are tried. */
export function allowedDrivers(ways: TierWays, only?: Tier): DriverName[] {
  const names = new Set(Object.keys(DRIVERS).filter(isDriver));
  const tiers = new Set([...names].map((name) => DRIVERS[name]));
  return [...tiers]
    .filter((tier) => only === undefined || tier === only)
    .flatMap((tier) => {
      const own = [...names].filter((name) => DRIVERS[name] === tier && !BY_CHOICE.includes(name));
      const wanted = ways[tier] ?? own;
      return wanted === false ? [] : wanted.filter((name) => DRIVERS[name] === tier);
    });
}

/**
 * Whoever names an engine has chosen the machine on which programs run, unless the ways are written too. Virtual machines
 * are for those who ask for them, with the least tier or in the ways: others would wait for their start in vain.
 */
export function waysOf(tiers: TierWays, host: string | undefined, least?: Tier): TierWays {
  return {
    ...(host !== undefined && ({ gvisor: ['docker'], process: false, microvm: ['kata'] } as const)),
    ...(least !== 'microvm' && { microvm: false }),
    ...tiers,
  };
}

function isDriver(name: string): name is DriverName {
  return Object.hasOwn(DRIVERS, name);
}
