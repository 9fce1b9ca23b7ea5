import type { DriverName } from '../../src/sandbox/driver-names.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { openSandbox } from './support.ts';

/** Machines of an emulated processor, unless another way is named: nothing else would run anywhere. */
export function openMachines(way: DriverName = 'qemu-emulated'): Sandbox {
  return openSandbox({ only: 'microvm', tiers: { microvm: [way] } });
}
