import type { CallMethod, Session, Subject } from '../call.ts';
import { Denial } from '../denial.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import type { Message } from '../pipeline.ts';
import type { Kind } from './definition.ts';
import type { Catalogue, Entry } from './catalogue.ts';
import type { QuarantineReason } from './quarantine.ts';

export type FindOptions = {
  readonly catalogue: Catalogue;
  /** Throws for whom nothing is there, whatever it is. */
  readonly admit: (session: Session) => void;
  readonly visible: (
    session: Session,
    method: CallMethod,
    subjects: readonly Subject[],
  ) => readonly Subject[];
  /** Waits for upstreams still starting: what they offer is not known yet. */
  readonly startup: () => Promise<void>;
  /** Whether the upstream listed its definitions so short a time ago that they need no `recheck`. */
  readonly isFresh: (server: string, kind: Kind) => boolean;
  /**
   * Lists the upstream again if the definition could have changed since the model saw it. `false`: it cannot;
   * undefined: not in time.
   */
  readonly recheck: (server: string, kind: Kind) => Promise<boolean | undefined>;
  /** How the owner accepts a definition that is held back. */
  readonly howToAccept: (server: string, name: string) => string;
};

export type Reference = { readonly kind: Kind; readonly name: string; readonly noun: string };

/** What has to be listed again: a resource may stand in the list or fit a template. */
export const KINDS_OF: Record<Kind, readonly Kind[]> = {
  tool: ['tool'],
  resource: ['resource', 'resourceTemplate'],
  resourceTemplate: ['resourceTemplate'],
  prompt: ['prompt'],
  introduction: ['introduction'],
};

/** Lists these kinds of a server again unless they are fresh; of each whether its list can be vouched for. */
export async function relist(
  kinds: readonly Kind[],
  server: string,
  recheck: FindOptions['recheck'],
): Promise<ReadonlyMap<Kind, boolean | undefined>> {
  return new Map(
    await Promise.all(kinds.map(async (kind) => [kind, await recheck(server, kind)] as const)),
  );
}

/** Finds what a message is about, for this caller. Throws `tool-unknown`, `quarantined` or `upstream-…`. */
export type Find = (message: Message) => Promise<Subject>;

export function createFind({
  catalogue,
  admit,
  visible,
  startup,
  isFresh,
  recheck,
  howToAccept,
}: FindOptions): Find {
  return async function find({ session, method, params }) {
    admit(session);
    const reference = referenceOf(method, params);
    const known = (): Entry | undefined => {
      const entry = look(catalogue, reference);
      return entry && mayKnow(session, method, entry) ? entry : undefined;
    };
    let first = known();
    if (!first) {
      // Hidden and missing names take the same time: both wait here, and neither for the listing below.
      await startup();
      first = known();
    }
    if (!first) throw unknown(reference);
    const { server } = first.subject;
    const kinds = KINDS_OF[reference.kind];
    // Where nothing is waited for nothing can have changed either.
    const entry = kinds.every((kind) => isFresh(server, kind))
      ? first
      : await relisted(first, kinds, reference, known);
    if (entry.quarantine)
      throw quarantined(
        reference,
        entry.quarantine.reason,
        howToAccept(server, entry.subject.name),
      );
    return entry.subject;
  };

  /** The entry as it is once its server has listed it again. */
  async function relisted(
    { kind: found, subject: { server } }: Entry,
    kinds: readonly Kind[],
    reference: Reference,
    known: () => Entry | undefined,
  ): Promise<Entry> {
    const listed = await relist(kinds, server, recheck);
    if (listed.get(found) !== true) throw unlisted(reference, listed.get(found));
    const entry = known();
    if (!entry) throw unknown(reference);
    return entry;
  }

  /** Whether this caller would see it if its pin were in order. */
  function mayKnow(session: Session, method: CallMethod, { subject }: Entry): boolean {
    // The same object where it is so already: what was found of a subject is remembered by it.
    const pinned: Subject = subject.pin === 'match' ? subject : { ...subject, pin: 'match' };
    return visible(session, method, [pinned]).length > 0;
  }
}

/** The reason in words; the detail is for the owner and stays with the commands. */
function quarantined(
  { noun, name }: Reference,
  reason: QuarantineReason,
  howToAccept: string,
): Denial {
  const mended = reason === 'drift' || reason === 'unpinned';
  const why =
    reason === 'drift'
      ? 'its definition changed since it was accepted'
      : reason === 'unpinned'
        ? 'nobody has accepted it yet'
        : 'its definition did not pass the checks';
  const hint = mended ? { hint: howToAccept } : {};
  return new Denial('quarantined', `Cannot use the ${noun} ${name}: ${why}`, hint);
}

/** `listed` is undefined when it took too long. */
function unlisted({ noun, name }: Reference, listed: boolean | undefined): Denial {
  if (listed === undefined)
    return new Denial(
      'upstream-timeout',
      `Cannot use the ${noun} ${name}: its server did not answer in time`,
    );
  return new Denial(
    'upstream-failed',
    `Cannot use the ${noun} ${name}: its server does not answer`,
    { hint: 'it is being re-connected; try again in a moment' },
  );
}

function look(catalogue: Catalogue, { kind, name }: Reference): Entry | undefined {
  return catalogue.find(kind, name);
}

function unknown({ noun, name }: Reference): Denial {
  return new Denial('tool-unknown', `Unknown ${noun}: ${name}`);
}

/** What the parameters point at. Throws `arguments-invalid` where they point at nothing. */
export function referenceOf(method: CallMethod, params: JsonObject): Reference {
  if (method === 'tools/call') return named('tool', 'tool', params['name'], 'name');
  if (method === 'prompts/get') return named('prompt', 'prompt', params['name'], 'name');
  if (method === 'resources/read') return named('resource', 'resource', params['uri'], 'uri');
  if (method === 'completion/complete' && isJsonObject(params['ref'])) {
    const { ref } = params;
    if (ref['type'] === 'ref/prompt') return named('prompt', 'prompt', ref['name'], 'ref.name');
    if (ref['type'] === 'ref/resource') return named('resource', 'resource', ref['uri'], 'ref.uri');
  }
  throw new Denial(
    'arguments-invalid',
    `Cannot read the parameters of ${method}: nothing is named`,
  );
}

function named(kind: Kind, noun: string, value: unknown, member: string): Reference {
  if (typeof value !== 'string' || value === '')
    throw new Denial('arguments-invalid', `Cannot read the parameters: ${member} is not a string`);
  return { kind, noun, name: value };
}
