import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Bytes, both halves: a half (Node 20) to an eighth (Node 24) of what V8 would take. */
const ENOUGH = 16 * 1024 * 1024;
const STAY = 1;
/** V8's own. */
const GROW = 2;

/**
 * Keeps V8's space for young objects small in a process that serves: what calls leave behind would fill any. V8 takes its
 * limit from the command line alone, which is the client's; by how much the space may grow next is asked at each collection.
 */
export function limitYoungSpace(): void {
  let factor = GROW;
  new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    const wanted = (young?.space_size ?? 0) >= ENOUGH ? STAY : GROW;
    if (wanted === factor) return;
    factor = wanted;
    setFlagsFromString(`--semi-space-growth-factor=${factor}`);
  }).observe({ entryTypes: ['gc'] });
}
