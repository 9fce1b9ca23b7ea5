import { z } from 'zod';
import { Database, text } from '../sqlite.ts';

export const STATUSES = ['open', 'in_progress', 'closed'] as const;

const row = z.strictObject({
  id: z.int(),
  title: z.string(),
  body: z.string(),
  status: z.enum(STATUSES),
  owner: z.string(),
});
export type Ticket = z.infer<typeof row>;
export type Change = Partial<Pick<Ticket, 'title' | 'body' | 'status'>>;

/** Why a person gets no ticket. One that may not be read is missing. */
export class Refused extends Error {
  readonly reason: 'missing' | 'not-yours';
  constructor(reason: Refused['reason']) {
    super(reason);
    this.reason = reason;
  }
}

/** Tickets as one person may see and change them; `me` is the subject of a token. Throws `Refused`. */
export type Tickets = {
  readonly isKnown: (me: string) => boolean;
  readonly list: (me: string, status: Ticket['status'] | undefined, limit: number) => Ticket[];
  readonly get: (me: string, id: number) => Ticket;
  /** Owned by `me`: nobody writes tickets in another one's name. */
  readonly create: (me: string, ticket: Pick<Ticket, 'title' | 'body'>) => Ticket;
  readonly change: (me: string, id: number, change: Change) => Ticket;
  /** What `work` changed is kept if it returns, and undone if it throws. */
  readonly transaction: <T>(work: () => T) => T;
  readonly close: () => void;
};

const COLUMNS = 'tickets.id, tickets.title, tickets.body, tickets.status, tickets.owner';
/** Your own, your team's, and everything for a chief. */
const READABLE = `EXISTS (SELECT 1 FROM people AS me JOIN people AS theirs ON theirs.subject = tickets.owner
  WHERE me.subject = :me AND (me.subject = tickets.owner OR me.team = theirs.team OR me.role = 'chief'))`;
/** Your own, and everything for a chief. */
const WRITABLE = `EXISTS (SELECT 1 FROM people AS me
  WHERE me.subject = :me AND (me.subject = tickets.owner OR me.role = 'chief'))`;

/** The rules about rows are in each statement: there is none that could forget them. */
export function openTickets(path: string): Tickets {
  const database = new Database(path, { fileMustExist: true });
  const isKnown = database.prepare('SELECT 1 AS known FROM people WHERE subject = :me');
  const list = database.prepare(
    `SELECT ${COLUMNS} FROM tickets WHERE ${READABLE} AND (:status IS NULL OR status = :status) ORDER BY id LIMIT :limit`,
  );
  const get = database.prepare(`SELECT ${COLUMNS} FROM tickets WHERE id = :id AND ${READABLE}`);
  const create = database.prepare(
    "INSERT INTO tickets (title, body, status, owner) VALUES (:title, :body, 'open', :me)",
  );
  const change = database.prepare(
    `UPDATE tickets SET title = coalesce(:title, title), body = coalesce(:body, body), status = coalesce(:status, status)
     WHERE id = :id AND ${WRITABLE}`,
  );

  function read(me: string, id: number): Ticket {
    const found = get.get({ ':me': text(me), ':id': id });
    if (found === null) throw new Refused('missing');
    return row.parse(found);
  }

  return {
    isKnown: (me) => isKnown.get({ ':me': text(me) }) !== null,
    list: (me, status, limit) =>
      z.array(row).parse(list.all({ ':me': text(me), ':status': status ?? null, ':limit': limit })),
    get: read,
    create(me, ticket) {
      const { lastInsertRowid } = create.run({
        ':me': text(me),
        ':title': text(ticket.title),
        ':body': text(ticket.body),
      });
      return read(me, Number(lastInsertRowid));
    },
    change(me, id, { title, body, status }) {
      const { changes } = change.run({
        ':me': text(me),
        ':id': id,
        ':title': title === undefined ? null : text(title),
        ':body': body === undefined ? null : text(body),
        ':status': status ?? null,
      });
      // In this order: whoever may not read it is not told that it is there.
      const after = read(me, id);
      if (changes === 0) throw new Refused('not-yours');
      return after;
    },
    transaction(work) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => database.close(),
  };
}
