import type { CallMethod, JsonObject, Session, Subject } from '../call.ts';
import { acceptedDefinition, type Accepted } from '../catalogue/accepted.ts';
import { DEFINITION_KINDS } from '../catalogue/definition.ts';
import { textProblem } from '../catalogue/quarantine.ts';
import { createNeighbours } from '../catalogue/suspect/neighbours.ts';
import type { Lock } from '../catalogue/lock.ts';
import type { LockRow } from '../catalogue/lock-file.ts';
import { isJsonObject } from '../lib/json.ts';
import { ORDINARY, visible } from '../lib/visible.ts';
import { delimit, noticeFor } from '../output/delimit.ts';
import type { Scanning } from '../scan/scan.ts';
import type { About } from './about.ts';
import { displayed } from './displayed.ts';

export type IntroduceOptions = {
  readonly about: About;
  /** In the order in which they introduce themselves. */
  readonly servers: readonly string[];
  readonly single: boolean;
  readonly separator: string;
  readonly lock: Pick<Lock, 'rows' | 'revision' | 'broken'>;
  /** Definitions as they were accepted. */
  readonly readAccepted: () => Promise<Accepted>;
  readonly scan: (definition: JsonObject) => Scanning;
  readonly nonce: () => string;
  /** Policies are in force. */
  readonly ready: Promise<void>;
  readonly visible: (
    session: Session,
    method: CallMethod,
    subjects: readonly Subject[],
  ) => readonly Subject[];
  /** Writes down which servers introduced themselves to this caller. */
  readonly record: (session: Session, servers: readonly string[]) => void;
  /** Takes why nothing is said of the servers. */
  readonly onFailed: (thrown: unknown) => void;
};

/** What the gateway says of itself, and of the servers this caller may see something of. */
export type Introduce = (session: Session) => Promise<About>;

/** Characters of one server's instructions, and of all. */
const MAX_INSTRUCTIONS = 8192;
const MAX_ALL = 32_768;
const USES = {
  tool: 'tools/call',
  resource: 'resources/read',
  resourceTemplate: 'resources/read',
  prompt: 'prompts/get',
} as const;

/**
 * Hands out what the lock file holds of the servers, never what they say now: so it is there before they are up, and a
 * changed text is not seen before somebody accepted it.
 */
export function createIntroduce(options: IntroduceOptions): Introduce {
  const { about, lock, servers, single } = options;
  let read: { readonly revision: number; readonly texts: Promise<Accepted> } | undefined;

  async function accepted(): Promise<Accepted> {
    const revision = lock.revision();
    if (read?.revision !== revision) read = { revision, texts: options.readAccepted() };
    return await read.texts;
  }

  function sees(session: Session, rows: readonly LockRow[]): boolean {
    return rows.some(
      (row) =>
        row.kind !== 'introduction' &&
        options.visible(session, USES[row.kind], [subjectOf(row)]).length > 0,
    );
  }

  /** Nothing in it is suspicious, or a person found nothing wrong with it. */
  function isTrusted({ entry }: LockRow, definition: JsonObject): boolean {
    return entry.reviewed || options.scan(definition).verdict === 'pass';
  }

  function sayingOf(server: string, row: LockRow, definition: JsonObject): string {
    const { instructions } = definition;
    if (typeof instructions !== 'string') return '';
    const text = shorten(instructions);
    if (isTrusted(row, definition)) return quote(server, text);
    return (
      delimit(text, options.nonce(), noticeFor(`the instructions of the server ${server}`)) ?? ''
    );
  }

  async function known(
    session: Session,
  ): Promise<readonly (readonly [string, LockRow, JsonObject])[]> {
    const rows = servers.map((server) => [server, lock.rows(server)] as const);
    if (!rows.some(([, of]) => of.some(({ kind }) => kind === 'introduction'))) return [];
    await options.ready;
    const texts = await accepted();
    if (lock.broken() !== undefined) return [];
    const neighbours = createNeighbours(options.separator);
    for (const [server, of] of rows)
      neighbours.set(
        server,
        of.filter(({ kind }) => kind === 'tool').map(({ name }) => name),
      );
    return rows.flatMap(([server, of]) => {
      const row = of.find(({ kind }) => kind === 'introduction');
      const definition = row && acceptedDefinition(texts, row);
      if (!definition || !sees(session, of)) return [];
      const isBlocked =
        textProblem('introduction', definition, options.scan(definition)) !== undefined ||
        neighbours.suspicions(server, 'introduction', definition).some(({ grave }) => grave);
      return isBlocked && !row.entry.reviewed ? [] : [[server, row, definition] as const];
    });
  }

  /** Of several servers none speaks for the whole; a title has no place for delimiters. */
  function ownInfo(only: readonly [string, LockRow, JsonObject] | undefined): JsonObject {
    if (!single || only === undefined) return {};
    const [, row, definition] = only;
    const { serverInfo } = definition;
    return isJsonObject(serverInfo) && isTrusted(row, definition) ? serverInfo : {};
  }

  async function withServers(session: Session): Promise<About> {
    const shown = await known(session);
    if (shown.length === 0) return about;
    let instructions = about.instructions;
    for (const [server, row, definition] of shown) {
      const saying = sayingOf(server, row, definition);
      if (instructions.length + saying.length <= MAX_ALL) instructions += saying && `\n\n${saying}`;
    }
    options.record(
      session,
      shown.map(([server]) => server),
    );
    return {
      ...about,
      serverInfo: { ...about.serverInfo, ...displayed(ownInfo(shown[0])) },
      instructions,
    };
  }

  return async function introduce(session) {
    try {
      return await withServers(session);
    } catch (thrown) {
      // A handshake is done once: with an error the client would be left without a gate.
      options.onFailed(thrown);
      return about;
    }
  };
}

function subjectOf({ server, kind, name, entry }: LockRow): Subject {
  const { hash, classes, dataClass, source, sink, reviewed } = entry;
  const { subject } = DEFINITION_KINDS[kind];
  const held = { classes, dataClass, source, sink, reviewed, hash };
  return { ...held, kind: subject, server, name, pin: 'match', definition: {} };
}

/** Each line behind a sign: a text cannot end its quotation and go on as another server, or as the gate. */
function quote(server: string, text: string): string {
  const lines = visible(text.replaceAll('\r\n', '\n'), ORDINARY).split('\n');
  return [`Instructions of the server ${server}:`, ...lines.map((line) => `> ${line}`)].join('\n');
}

function shorten(text: string): string {
  return text.length <= MAX_INSTRUCTIONS ? text : `${text.slice(0, MAX_INSTRUCTIONS)}… (cut)`;
}
