import type { Subject } from '../call.ts';
import type { Steps } from '../lib/steps.ts';
import type { Cedar } from './cedar.ts';
import type { Compiled } from './compile.ts';
import { createJudge } from './judge.ts';
import type { Judge } from './judge.ts';
import type { Asking } from './question.ts';
import type { Vocabulary } from './schema.ts';

const DRIFTED: Subject = {
  kind: 'tool',
  server: 'self-test',
  name: 'self-test',
  classes: ['read'],
  dataClass: 0,
  source: [],
  sink: [],
  pin: 'drift',
  reviewed: true,
  hash: '',
  definition: {},
};

const PERMIT: Compiled = {
  id: 'self-test',
  file: 'self-test',
  line: 1,
  policy: {
    effect: 'permit',
    principal: { op: 'All' },
    action: { op: 'in', entity: { type: 'Action', id: 'read' } },
    resource: { op: 'All' },
    conditions: [],
  },
};

/**
 * Proves, with the instance and the policies that will decide, that a yes is a yes and a no is a no: a policy set handed
 * over in the wrong form allows or denies everything and says nothing. Throws a `TypeError`; then there is no gateway. In
 * steps: others are served between two of them.
 */
export function* testSelf(options: {
  readonly cedar: Cedar;
  readonly vocabulary: Vocabulary;
  readonly asking: Asking;
  /** Over the policies in force. */
  readonly judge: Judge;
}): Steps<void> {
  const { cedar, vocabulary, asking, judge } = options;
  const caller = { issuer: '', subject: '', client: '', groups: [], scopes: [], assurance: 0 };
  const session = { id: '', caller, labels: new Set<string>(), escalation: 0, calls: 0 };
  const none = { approvals: [], enforce: [] };
  const alone = createJudge({ cedar, vocabulary, policies: [PERMIT] });

  function question(subject: Subject): Parameters<Judge>[0] {
    return { ...asking.who(session), what: asking.what('tools/call', subject) };
  }

  const drifted = judge(question(DRIFTED), none);
  if (drifted.allowed || drifted.errors.length > 0 || !drifted.policies.includes('guard.pin-drift'))
    throw new TypeError('Cannot start: the policies in force do not stop a changed tool');
  yield;
  try {
    if (!alone(question(DRIFTED), none).allowed)
      throw new TypeError('Cannot start: Cedar does not allow what a policy permits');
    yield;
    if (alone(question({ ...DRIFTED, classes: ['read', 'financial'] }), none).allowed)
      throw new TypeError('Cannot start: Cedar allows what no policy permits');
  } finally {
    alone.close();
  }
}
