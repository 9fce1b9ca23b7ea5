import { z } from 'zod';
import { Database, text } from '../sqlite.ts';

export const METRICS = ['active_minutes', 'error_rate', 'sessions', 'tasks_done'] as const;
export const STATUSES = ['paid', 'open', 'overdue'] as const;

export type Metric = (typeof METRICS)[number];

const value = z.object({ name: z.enum(METRICS), value: z.number() });
const point = z.object({ month: z.string(), value: z.number() });
const active = z.object({ user_id: z.string(), sessions: z.number() });
const bill = z.object({ status: z.enum(STATUSES), amount_cents: z.int() });

/** Everything that can be asked of the database. What is given is bound as a value and never read as SQL. */
export type MetricsDatabase = {
  readonly monthly: (user: string, month: string) => readonly z.infer<typeof value>[];
  /** Oldest first; both months included. */
  readonly history: (
    user: string,
    metric: Metric,
    span: { readonly from: string; readonly to: string },
  ) => readonly z.infer<typeof point>[];
  /** Users with sessions in that month, most sessions first. */
  readonly active: (month: string, limit: number) => readonly z.infer<typeof active>[];
  readonly bill: (user: string, month: string) => z.infer<typeof bill> | undefined;
  readonly close: () => void;
};

/** A connection that cannot write, whatever is executed on it. Throws where there is no database at `path`. */
export function openReadOnly(path: string): Database {
  const database = new Database(path, { readOnly: true });
  // A read-only file can still be copied into a new one (VACUUM INTO) and have temporary tables: not with this.
  database.exec('PRAGMA query_only = ON');
  return database;
}

/** All SQL is compiled here, before the first call: nothing that comes later is ever compiled. */
export function openMetrics(path: string): MetricsDatabase {
  const database = openReadOnly(path);
  const monthly = database.prepare(
    'SELECT metric_name AS name, value FROM user_metrics WHERE user_id = ? AND reporting_month = ? ORDER BY name',
  );
  const history = database.prepare(
    `SELECT reporting_month AS month, value FROM user_metrics
     WHERE user_id = ? AND metric_name = ? AND reporting_month BETWEEN ? AND ? ORDER BY month`,
  );
  const activeUsers = database.prepare(
    `SELECT user_id, value AS sessions FROM user_metrics
     WHERE metric_name = 'sessions' AND value > 0 AND reporting_month = ? ORDER BY value DESC, user_id LIMIT ?`,
  );
  const billing = database.prepare(
    'SELECT status, amount_cents FROM billing WHERE user_id = ? AND reporting_month = ?',
  );
  return {
    monthly: (user, month) => z.array(value).parse(monthly.all([text(user), text(month)])),
    history: (user, metric, { from, to }) =>
      z.array(point).parse(history.all([text(user), text(metric), text(from), text(to)])),
    active: (month, limit) => z.array(active).parse(activeUsers.all([text(month), limit])),
    bill: (user, month) =>
      bill.optional().parse(billing.get([text(user), text(month)]) ?? undefined),
    close: () => database.close(),
  };
}
