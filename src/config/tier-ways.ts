import * as z from 'zod';

/** Ways to make cells of one tier, in this order; `false`: none. Absent: every way there is. */
function ways<const Names extends readonly [string, ...string[]]>(names: Names) {
  return z
    .union([z.literal(false), z.array(z.enum(names)).min(1)], {
      error: `expected false or a list of ${names.join(', ')}`,
    })
    .optional();
}

/** What stands below `sandbox.tiers`. */
export const tiersSchema = z
  .strictObject({
    gvisor: ways(['docker', 'runsc']),
    process: ways(['bubblewrap']),
    microvm: ways(['kata', 'qemu', 'qemu-emulated']),
    wasm: ways(['quickjs']),
  })
  .prefault({});
