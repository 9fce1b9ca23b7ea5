import type { CapabilityClass, Subject } from '../call.ts';
import type { Config } from '../config/config.ts';
import type { Lock } from './lock.ts';

/** What the guardrail `guard.shared-credential` looks for. */
const SINK = 'shared-credential';

/** Marks what the owner does not lend a shared credential for. */
export function createMarkShared({
  mcpServers,
}: Pick<Config, 'mcpServers'>): (subject: Subject) => Subject {
  const lent = new Map<string, ReadonlySet<CapabilityClass>>();
  for (const { name, shared } of Object.values(mcpServers))
    if (shared) lent.set(name, new Set(shared.classes));
  return function markShared(subject) {
    const classes = lent.get(subject.server);
    if (classes === undefined || subject.classes.every((each) => classes.has(each))) return subject;
    return { ...subject, sink: [...new Set([...subject.sink, SINK])] };
  };
}

/** The lock, whose subjects are marked in that way. */
export function withSharedCredentials(lock: Lock, config: Pick<Config, 'mcpServers'>): Lock {
  const mark = createMarkShared(config);
  return {
    ...lock,
    [Symbol.asyncDispose]: async () => await lock[Symbol.asyncDispose](),
    subject: (server, kind, name, definition) => mark(lock.subject(server, kind, name, definition)),
  };
}
