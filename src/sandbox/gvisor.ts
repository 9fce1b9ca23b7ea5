/** gVisor's kernel says the same date in every release; no build of Linux has it. */
const VERSION = /^Linux version \S+ #1 SMP Sun Jan 10 15:06:54 PST 2016$/;

/** Whether `/proc/version`, read inside a container, is gVisor's. */
export function isGvisor(version: string): boolean {
  return VERSION.test(version);
}
