import { join } from 'node:path';
import { packageRoot } from '../../src/lib/package-root.ts';
import { SHIPPED } from '../../src/policy/policies.ts';
import { testTable } from './table.ts';

const ANALYSTS = ['analysts'];
const CODE = ['code_execution'] as const;

// Whatever else is permitted.
testTable(
  'examples/action-space beside a permit for everything',
  [
    join(SHIPPED.examples, 'action-space.cedar'),
    join(packageRoot(), 'test', 'policies', 'permit-all.cedar'),
  ],
  [[{ on: 'hostile/execute_sql', classes: CODE }, 'deny narrow.no-programs']],
);

testTable(
  'examples/action-space',
  [join(SHIPPED.examples, 'action-space.cedar')],
  [
    [{ groups: ANALYSTS, on: 'metrics/get_user_monthly_metrics' }, 'allow'],
    [{ groups: ['support'], on: 'metrics/get_user_monthly_metrics' }, 'deny'],
    [{ groups: ANALYSTS, on: 'metrics/drop_metrics', classes: ['destructive'] }, 'deny'],
    [{ groups: ANALYSTS, on: 'metrics/get_billing_status' }, 'deny analysts.billing'],
    [{ groups: ['analysts', 'billing'], on: 'metrics/get_billing_status' }, 'allow'],
    [{ groups: ANALYSTS, on: 'hostile/execute_sql', classes: CODE }, 'deny narrow.no-programs'],
    [{ groups: ANALYSTS, on: 'metrics/get_report', classes: CODE }, 'deny narrow.no-programs'],
  ],
);
