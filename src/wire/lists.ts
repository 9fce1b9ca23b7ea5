import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CallMethod, Session, Subject } from '../call.ts';
import type { Catalogue, Entry } from '../catalogue/catalogue.ts';
import { Denial } from '../denial.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import { inTime } from './startup.ts';
import { DEFINITION_KINDS, type Kind } from '../catalogue/definition.ts';
import type { Surfaces } from './surfaces.ts';
import { runsTasks, taskSupport } from './tasks/related-task.ts';
import type { Upstream } from './upstream.ts';

/** Which call a listed thing is for: who may never make the call does not see the thing. */
const USE: Record<Kind, CallMethod> = {
  tool: 'tools/call',
  resource: 'resources/read',
  resourceTemplate: 'resources/read',
  prompt: 'prompts/get',
  introduction: 'prompts/get',
};

export const PAGE_SIZE = 250;
const LATE_PATIENCE_MS = 250;

export type ListOptions = {
  readonly upstreams: readonly Upstream[];
  readonly surfaces: Surfaces;
  readonly catalogue: Catalogue;
  readonly visible: (
    session: Session,
    method: CallMethod,
    subjects: readonly Subject[],
  ) => readonly Subject[];
  /** Waits for upstreams still starting. */
  readonly startup: () => Promise<void>;
  /** Milliseconds that a list waits for an upstream to list again. */
  readonly patienceMs: number;
  /** Whether the client finds in a definition how a tool may be called, as one of 2025-11-25 does for tasks. */
  readonly readsTaskSupport: () => boolean;
  /** Told when an upstream that was left out of a list for being slow has answered after all. */
  readonly onLate: (kind: Kind) => void;
};

export type List = (session: Session, kind: Kind, params: JsonObject) => Promise<JsonObject>;

/** Lists what this caller may use now, in pages. Throws `arguments-invalid` for a cursor that is not ours. */
export function createList(options: ListOptions): List {
  const { upstreams, surfaces, catalogue, visible } = options;
  // One key a connection: a cursor of another caller's does not fit.
  const macKey = randomBytes(32);
  const late = new Set<string>();

  function sign(kind: Kind, offset: number): string {
    const mac = createHmac('sha256', macKey)
      .update(`${kind} ${offset}`)
      .digest('base64url')
      .slice(0, 22);
    return `${offset}.${mac}`;
  }

  function offsetOf(kind: Kind, cursor: unknown): number {
    if (cursor === undefined) return 0;
    const offset = typeof cursor === 'string' ? Number.parseInt(cursor, 10) : Number.NaN;
    const expected = Buffer.from(sign(kind, Number.isSafeInteger(offset) ? offset : 0));
    const given = Buffer.from(typeof cursor === 'string' ? cursor : '');
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new Denial(
        'arguments-invalid',
        'Cannot list: the cursor is not one that was given here',
      );
    return offset;
  }

  /** Whether the upstream has listed again, in time: one that hangs must not hold up the others for long, or twice. */
  async function isFresh(server: string, kind: Kind): Promise<boolean> {
    const key = `${kind} ${server}`;
    const work = surfaces.recheck(server, kind);
    const fresh = await inTime(work, late.has(key) ? LATE_PATIENCE_MS : options.patienceMs);
    if (fresh === undefined && !late.has(key)) {
      late.add(key);
      void waitFor(work, server, kind);
    }
    return fresh === true;
  }

  async function waitFor(work: Promise<boolean>, server: string, kind: Kind): Promise<void> {
    const done = await work;
    late.delete(`${kind} ${server}`);
    if (done) options.onLate(kind);
  }

  return async function list(session, kind, params) {
    const offset = offsetOf(kind, params['cursor']);
    await options.startup();
    const listed = await Promise.all(
      upstreams
        .filter(({ state }) => state === 'ready')
        .map(async ({ name }) => {
          const fine = offset === 0 ? await isFresh(name, kind) : surfaces.isVouched(name, kind);
          return fine ? [name] : [];
        }),
    );
    const ready = new Set(listed.flat());
    const entries = catalogue
      .entries(kind)
      .filter((entry) => entry.quarantine === undefined && ready.has(entry.subject.server));
    const subjects = new Set(
      visible(
        session,
        USE[kind],
        entries.map(({ subject }) => subject),
      ),
    );
    const mine = entries.filter(({ subject }) => subjects.has(subject));
    surfaces.shown(kind);
    const decides = new Set(
      upstreams
        .filter(({ capabilities }) => runsTasks(capabilities) === 'as-it-likes')
        .map(({ name }) => name),
    );
    const offersTasks = ({ subject }: Entry): boolean =>
      kind === 'tool' && decides.has(subject.server) && options.readsTaskSupport();
    const page = mine.slice(offset, offset + PAGE_SIZE);
    if (USE[kind] === 'resources/read') page.forEach((entry) => join(session, entry));
    return {
      [DEFINITION_KINDS[kind].section]: page.map((entry) =>
        withTaskSupport(exposedDefinition(kind, entry), offersTasks(entry)),
      ),
      ...(offset + PAGE_SIZE < mine.length ? { nextCursor: sign(kind, offset + PAGE_SIZE) } : {}),
    };
  };
}

/** What a server was given unread it may list as a resource of that name; nobody has looked at what is new there. */
function join(session: Session, { subject: { server, reviewed } }: Entry): void {
  const labels = reviewed ? undefined : session.told?.inResults(server);
  if (labels !== undefined && labels.size > 0) session.addLabels(labels);
}

/** The upstream's own definition under the name the client knows; nothing else is touched. */
function exposedDefinition(kind: Kind, { definition, exposed, subject }: Entry): JsonObject {
  if (subject.asHandle === true) {
    // Handles have another shape.
    const { outputSchema: _shape, ...others } = definition;
    return { ...others, name: exposed };
  }
  if (kind === 'resource') return { ...definition, uri: exposed };
  if (kind === 'resourceTemplate') return { ...definition, uriTemplate: exposed };
  return { ...definition, name: exposed };
}

/** Where the server decides what runs as a task, the client may ask for one with any tool. */
function withTaskSupport(definition: JsonObject, isOffered: boolean): JsonObject {
  if (!isOffered || taskSupport(definition) !== 'forbidden') return definition;
  const own = isJsonObject(definition['execution']) ? definition['execution'] : {};
  return { ...definition, execution: { ...own, taskSupport: 'optional' } };
}
