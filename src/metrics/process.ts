import { readdirSync, readFileSync } from 'node:fs';
import { FAMILIES } from './families.ts';
import type { Registry } from './registry.ts';

const TICK_MS = 100;

/** What this process takes of its machine, under the names that dashboards know. Ends with the returned function. */
export function observeProcess(registry: Registry, version: string): () => void {
  registry.cell(FAMILIES.build, 1, { version, node: process.version });
  registry.cell(FAMILIES.started, Date.now() / 1000 - process.uptime());
  registry.read(FAMILIES.cpu, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  registry.read(FAMILIES.resident, () => process.memoryUsage.rss());
  registry.read(FAMILIES.heap, () => process.memoryUsage().heapUsed);
  registry.read(FAMILIES.external, () => process.memoryUsage().external);
  registry.read(FAMILIES.openFiles, () => ifThere(() => readdirSync('/proc/self/fd').length));
  registry.cell(FAMILIES.maxFiles, ifThere(maxFiles));

  const lag = registry.histogram(FAMILIES.lag);
  let due = performance.now() + TICK_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    lag(Math.max(0, now - due) / 1000);
    due = now + TICK_MS;
  }, TICK_MS).unref();
  return () => clearInterval(timer);
}

function maxFiles(): number | undefined {
  const [, soft] =
    /^Max open files\s+(\d+)/mu.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return soft === undefined ? undefined : Number(soft);
}

/** Only Linux has it. */
function ifThere(read: () => number | undefined): number | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
