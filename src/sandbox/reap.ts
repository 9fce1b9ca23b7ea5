import type Docker from 'dockerode';
import { deadline } from './deadline.ts';
import { OWNED, orphaned, type Owner } from './owner.ts';
import { remove } from './remove.ts';

const LIST_MS = 10_000;

/** Removes containers that nobody owns any more. Resolves to their number. */
export async function reapOrphans(
  docker: Docker,
  { owner, now, log }: { owner: Owner; now: number; log: (message: string) => void },
): Promise<number> {
  const listing = docker.listContainers({ all: true, filters: { label: [OWNED] } });
  const found = await deadline(listing, LIST_MS);
  const left = found.filter(({ Labels }) => orphaned(Labels, owner, now));
  const gone = await Promise.all(
    left.map(async ({ Id }) => await remove(docker.getContainer(Id), log)),
  );
  const count = gone.filter(Boolean).length;
  if (count > 0) log(`removed ${count} containers that were left behind`);
  return count;
}
