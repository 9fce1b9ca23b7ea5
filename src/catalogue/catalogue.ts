import type { Subject } from '../call.ts';
import { Denial } from '../denial.ts';
import type { JsonObject } from '../lib/json.ts';
import { normalForm } from '../lib/normal-form.ts';
import { DEFINITION_KINDS, KINDS, definitionId } from './definition.ts';
import type { Kind } from './definition.ts';
import type { Lock } from './lock.ts';
import type { Names } from './names.ts';
import { assess, quarantineOf } from './quarantine.ts';
import { shareDefinition, shareSubject } from './share.ts';
import { createNeighbours } from './suspect/neighbours.ts';
import type { AssessOptions, Assessment, Quarantine } from './quarantine.ts';
import { readUriTemplate } from './uri-template.ts';
import { hasUnseen } from '../lib/visible.ts';

/** One thing an upstream offers, as it is for policy and as it is for the agent. */
export type Entry = {
  readonly kind: Kind;
  readonly subject: Subject;
  /** As the upstream sent it, frozen. */
  readonly definition: JsonObject;
  /** The name or URI the agent uses. */
  readonly exposed: string;
  /** Why nobody may see or use it; absent when it is as accepted. */
  readonly quarantine?: Quarantine;
};

export type CatalogueOptions = AssessOptions & {
  readonly lock: Lock;
  readonly names: Names;
  /** Told when entries of a kind have changed: once for each update, drop, or change of the lock file. */
  readonly onChange?: (kind: Kind) => void;
};

/** What all upstreams of one agent session offer. */
export interface Catalogue extends Disposable {
  /** Replaces everything of this kind that the server listed before. Throws `upstream-failed` when it is too much. */
  update(server: string, kind: Kind, definitions: readonly JsonObject[]): void;
  /**
   * By exposed name or URI, quarantined ones too. A resource that is not listed is looked for among its server's
   * templates: its subject is the concrete URI with the pin, classes and labels of the template.
   */
  find(kind: Kind, exposed: string): Entry | undefined;
  /** What the catalogue holds of this, if it is accepted and unchanged. */
  current(subject: Subject): Entry | undefined;
  /** In the order of the configuration and, within a server, its own; quarantined ones too. */
  entries(kind: Kind): readonly Entry[];
  /** Grows when any entry changes; for caches of decisions about lists. */
  revision(): number;
}

/** Per server and kind. */
const MAX_DEFINITIONS = 5_000;

type Shelf = {
  readonly definitions: readonly JsonObject[];
  /** By hash, so that an unchanged definition is not scanned again. */
  readonly assessments: ReadonlyMap<string, Assessment>;
  readonly entries: readonly Entry[];
};
type Shown = { readonly entries: readonly Entry[]; readonly byExposed: ReadonlyMap<string, Entry> };

/** Opens an empty catalogue on a lock file. One with `onChange` follows the file until it is disposed. */
export function createCatalogue(options: CatalogueOptions): Catalogue {
  const { lock, names, onChange } = options;
  const shelves = new Map<Kind, Map<string, Shelf>>();
  for (const kind of KINDS) shelves.set(kind, new Map());
  const shown = new Map<Kind, Shown>();
  const isAlone = names.servers.length < 2;
  const neighbours = createNeighbours(names.separator);
  for (const server of names.servers) meet(server);
  let built = lock.revision();
  let revision = 1;
  let updating = false;
  const stop = onChange === undefined ? () => undefined : lock.onChange(follow);

  return {
    update,
    find,
    current,
    entries: (kind) => (follow(), show(kind).entries),
    revision: () => (follow(), revision),
    [Symbol.dispose]: stop,
  };

  function update(server: string, kind: Kind, listed: readonly JsonObject[]): void {
    if (!names.servers.includes(server)) throw new TypeError('Cannot list an unknown server');
    const isTooMuch = listed.length > MAX_DEFINITIONS;
    const definitions = isTooMuch ? [] : listed.map(shareDefinition);
    const before = shelf(kind, server);
    // The lock tells every catalogue of a first use; this one is not done yet.
    updating = true;
    try {
      const isOthersAffair =
        kind === 'tool' &&
        meet(
          server,
          definitions.map((definition) => definitionId(kind, definition)),
        );
      const first = build(server, kind, definitions, before);
      // Only what nothing else speaks against is trusted on first use.
      const fresh = first.entries.filter((entry) => entry.quarantine?.reason === 'unpinned');
      lock.admit(
        fresh.map(({ subject: { name }, definition }) => ({ server, kind, name, definition })),
      );
      place(server, kind, build(server, kind, definitions, first), before);
      if (isOthersAffair) rebuild((other) => other !== server);
    } finally {
      updating = false;
    }
    follow();
    if (isTooMuch)
      throw new Denial(
        'upstream-failed',
        `Cannot list ${server}: ${listed.length} ${DEFINITION_KINDS[kind].section}, the limit is ${MAX_DEFINITIONS}`,
      );
  }

  function find(kind: Kind, exposed: string): Entry | undefined {
    follow();
    const listed = show(kind).byExposed.get(exposed);
    if (listed !== undefined || kind !== 'resource') return listed;
    // Completions name a template by its own text.
    return show('resourceTemplate').byExposed.get(exposed) ?? findInstance(exposed);
  }

  function current({ kind, server, name, hash }: Subject): Entry | undefined {
    if (kind === 'request') return undefined;
    const isNamed = DEFINITION_KINDS[kind].id === 'name';
    const entry = find(kind, isNamed ? names.expose(server, name) : names.exposeUri(server, name));
    const stands = entry?.subject.hash === hash && entry.quarantine === undefined;
    return stands ? entry : undefined;
  }

  function findInstance(exposed: string): Entry | undefined {
    const original = names.resolveUri(exposed);
    if (original === undefined || hasUnseen(original.uri)) return undefined;
    const { server, uri } = original;
    // A second spelling of a listed resource is that resource: what holds for it must not be gone by an escape.
    const listed = respelled(shelf('resource', server), uri);
    if (listed !== undefined) return listed;
    const matching = (shelf('resourceTemplate', server)?.entries ?? []).filter((entry) =>
      readUriTemplate(entry.subject.name)?.matches(uri),
    );
    // What one accepted template covers was accepted, whatever else the server lists beside it.
    const template = matching.find((entry) => entry.quarantine === undefined) ?? matching[0];
    return template && { ...template, subject: { ...template.subject, name: uri }, exposed };
  }

  function build(
    server: string,
    kind: Kind,
    definitions: readonly JsonObject[],
    before: Shelf | undefined,
  ): Shelf {
    const lockProblem = lock.broken()?.message;
    const ids = definitions.map((definition) => definitionId(kind, definition));
    const counts = new Map<string, number>();
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    const assessments = new Map<string, Assessment>();
    const entries = definitions.map((definition, at): Entry => {
      const name = ids[at] ?? '';
      // It never changes again: what is found out about it is remembered by it.
      const subject = shareSubject(lock.subject(server, kind, name, definition));
      const known = before?.assessments.get(subject.hash);
      const assessment = known ?? assess(kind, name, definition, subject.pin === 'match', options);
      assessments.set(subject.hash, assessment);
      const isDuplicate = (counts.get(name) ?? 0) > 1;
      const among = isAlone ? [] : neighbours.suspicions(server, kind, definition);
      const quarantine = quarantineOf(subject, assessment, lockProblem, isDuplicate, among);
      const exposed =
        DEFINITION_KINDS[kind].id === 'name'
          ? names.expose(server, name)
          : names.exposeUri(server, name);
      return { kind, subject, definition, exposed, ...(quarantine && { quarantine }) };
    });
    return { definitions, assessments, entries };
  }

  function place(
    server: string,
    kind: Kind,
    after: Shelf | undefined,
    before: Shelf | undefined,
  ): void {
    if (after === undefined) shelves.get(kind)?.delete(server);
    else shelves.get(kind)?.set(server, after);
    shown.delete(kind);
    if (isSame(before?.entries ?? [], after?.entries ?? [])) return;
    revision++;
    onChange?.(kind);
  }

  /** Brings every entry up to the lock file as it is now. */
  function follow(): void {
    const now = lock.revision();
    if (updating || now === built) return;
    built = now;
    for (const server of names.servers) meet(server, namesListed(server));
    rebuild(() => true);
  }

  function rebuild(which: (server: string) => boolean): void {
    for (const [kind, ofKind] of shelves)
      for (const [server, before] of ofKind)
        if (which(server))
          place(server, kind, build(server, kind, before.definitions, before), before);
  }

  /** A server's tools are those that it lists and those that were accepted: it may be down when another speaks of them. */
  function meet(server: string, listed: readonly string[] = []): boolean {
    if (isAlone) return false;
    const accepted = lock.rows(server).filter(({ kind }) => kind === 'tool');
    return neighbours.set(server, [...listed, ...accepted.map(({ name }) => name)]);
  }

  function namesListed(server: string): string[] {
    const definitions = shelf('tool', server)?.definitions ?? [];
    return definitions.map((definition) => definitionId('tool', definition));
  }

  function shelf(kind: Kind, server: string): Shelf | undefined {
    return shelves.get(kind)?.get(server);
  }

  function show(kind: Kind): Shown {
    const made = shown.get(kind);
    if (made !== undefined) return made;
    const entries = names.servers.flatMap((server) => shelf(kind, server)?.entries ?? []);
    const fresh = { entries, byExposed: new Map(entries.map((entry) => [entry.exposed, entry])) };
    shown.set(kind, fresh);
    return fresh;
  }
}

const spellings = new WeakMap<Shelf, ReadonlyMap<string, Entry>>();

function respelled(shelf: Shelf | undefined, uri: string): Entry | undefined {
  if (shelf === undefined) return undefined;
  let known = spellings.get(shelf);
  if (known === undefined) {
    known = new Map(shelf.entries.map((entry) => [plainUri(entry.subject.name), entry]));
    spellings.set(shelf, known);
  }
  return known.get(plainUri(uri));
}

/** As the most lenient server would read it: escapes undone, no fragment, doubled slashes as one. */
function plainUri(uri: string): string {
  let plain = uri.replace(/#.*$/su, '');
  for (let round = 0; round < 3 && plain.includes('%'); round++)
    plain = plain.replaceAll(/(?:%[0-9a-f]{2})+/giu, (run) =>
      Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
    );
  return normalForm(plain, 'NFC')
    .replace(/^[a-z][a-z0-9+.-]*:(?:\/\/[^/]*)?/iu, (head) => head.toLowerCase())
    .replaceAll(/(?<!:)\/{2,}/gu, '/')
    .replace(/(?<=[^:/])\/$/u, '');
}

function isSame(before: readonly Entry[], after: readonly Entry[]): boolean {
  return (
    before.length === after.length &&
    before.every((entry, at) => fingerprint(entry) === fingerprint(after[at]))
  );
}

function fingerprint(entry: Entry | undefined): string {
  if (entry === undefined) return '';
  const { hash, classes, dataClass, source, sink, reviewed } = entry.subject;
  const reason = entry.quarantine?.reason;
  return JSON.stringify([entry.exposed, hash, classes, dataClass, source, sink, reviewed, reason]);
}
