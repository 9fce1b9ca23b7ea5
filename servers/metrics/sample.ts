import { existsSync } from 'node:fs';
import { Database } from '../sqlite.ts';

const TABLES = `
  CREATE TABLE users (
    user_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    plan TEXT NOT NULL CHECK (plan IN ('free', 'team', 'enterprise'))
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE user_metrics (
    user_id TEXT NOT NULL REFERENCES users,
    reporting_month TEXT NOT NULL,
    metric_name TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (user_id, reporting_month, metric_name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE billing (
    user_id TEXT NOT NULL REFERENCES users,
    reporting_month TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('paid', 'open', 'overdue')),
    amount_cents INTEGER NOT NULL,
    PRIMARY KEY (user_id, reporting_month)
  ) STRICT, WITHOUT ROWID;
`;

const NAMES = ['Ada', 'Barbara', 'Claude', 'Dana', 'Edsger', 'Frances', 'Grace', 'Hedy'];
const PLANS = ['free', 'team', 'enterprise'] as const;
const PRICES = { free: 0, team: 2900, enterprise: 19_900 } as const;
const MONTHS = Array.from({ length: 12 }, (_, at) => `2026-${String(at + 1).padStart(2, '0')}`);

/**
 * Writes the sample database into a new file: 40 users and the twelve months of 2026, the same bytes each time. Throws
 * where there is such a file already.
 */
export function writeSample(path: string): void {
  if (existsSync(path)) throw new Error(`Cannot write the sample: ${path} exists`);
  const database = new Database(path);
  try {
    database.exec(TABLES);
    database.exec('BEGIN');
    for (let number = 1; number <= 40; number++) addUser(database, number);
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

function addUser(database: Database, number: number): void {
  const user = `u${String(number).padStart(4, '0')}`;
  const plan = PLANS[number % 3] ?? 'free';
  const name = `${NAMES[number % NAMES.length]} ${number}`;
  database.run('INSERT INTO users VALUES (?, ?, ?)', [user, name, plan]);
  for (const [at, month] of MONTHS.entries()) {
    // Every fifth user has stopped in June.
    const isActive = number % 5 !== 0 || at < 6;
    const values = {
      active_minutes: isActive ? 60 + ((number * 37 + at * 101) % 900) : 0,
      error_rate: isActive ? ((number * 13 + at * 7) % 50) / 1000 : 0,
      sessions: isActive ? 1 + ((number * 7 + at * 3) % 40) : 0,
      tasks_done: isActive ? (number * 11 + at * 5) % 120 : 0,
    };
    for (const [metric, value] of Object.entries(values))
      database.run('INSERT INTO user_metrics VALUES (?, ?, ?, ?)', [user, month, metric, value]);
    const status = at < 10 ? 'paid' : number % 7 === 0 ? 'overdue' : 'open';
    database.run('INSERT INTO billing VALUES (?, ?, ?, ?)', [user, month, status, PRICES[plan]]);
  }
}
