import { suggest } from '../lib/suggest.ts';
import { NOWHERE, readBound } from '../sandbox/egress/bounds.ts';
import { KINDS, type Kind } from '../redact/names.ts';
import { isTier, strongestOf, TIERS, type Tier } from '../sandbox/tier.ts';
import type { PolicyJson } from './cedar.ts';
import { contextPath, contextPaths, isNode, nodesOf, partsOf } from './expressions.ts';

/** Something that lifts a forbid: a person's approval, or what the gateway promises to enforce. */
export type Obligation = {
  readonly kind: 'approval' | 'isolation' | 'redact' | 'egress' | 'returns';
  readonly value: string;
};

const WORD = /^[a-z][a-z0-9_-]{0,63}$/u;

type Row = {
  readonly obliges?: Obligation['kind'];
  readonly wants: string;
  readonly accepts: (value: string) => boolean;
};

/** What a result can be returned as, other than itself. */
export const HANDLE = 'handle';

const isText = (value: string): boolean => value.trim() !== '' && value.length <= 500;

const ANNOTATIONS = {
  id: { wants: 'a name', accepts: (value) => /^[\w.:/#@-]{1,128}$/u.test(value) },
  reason: { wants: 'a text', accepts: isText },
  advice: { wants: 'a text', accepts: isText },
  requires_approval: {
    obliges: 'approval',
    wants: 'who approves, such as "user"',
    accepts: (value) => WORD.test(value),
  },
  isolation: {
    obliges: 'isolation',
    wants: `one of ${TIERS.join(', ')}`,
    accepts: isTier,
  },
  redact: {
    obliges: 'redact',
    wants: `one of ${KINDS.join(', ')}`,
    accepts: isRedactable,
  },
  egress: {
    obliges: 'egress',
    wants: `hosts as in builtin.code.egress with a blank between them, or ${NOWHERE}`,
    accepts: (value) => readBound(value) !== undefined,
  },
  returns: {
    obliges: 'returns',
    wants: HANDLE,
    accepts: (value) => value === HANDLE,
  },
} as const satisfies Record<string, Row>;

const ROWS: ReadonlyMap<string, Row> = new Map(Object.entries(ANNOTATIONS));

/** Whether there is a detector for this kind of data. */
export function isRedactable(value: string): value is Kind {
  return KINDS.some((kind) => kind === value);
}

/** What a policy's annotations oblige to. */
export function obligationsOf(policy: PolicyJson): Obligation[] {
  return Object.entries(policy.annotations ?? {}).flatMap(([name, value]) => {
    const kind = ROWS.get(name)?.obliges;
    return kind === undefined ? [] : [{ kind, value }];
  });
}

/**
 * What stands in `context.pep` once an obligation is discharged: `gvisor`, and `isolation:gvisor` for the careful; for a
 * list of hosts `egress`, and `egress:` with the list.
 */
export function tokensOf({ kind, value }: Obligation): readonly string[] {
  if (kind === 'approval') return [value];
  return [kind === 'egress' ? kind : value, `${kind}:${value}`];
}

/** The stronger of two isolation tiers. */
export function strongerTier(a: Tier | undefined, b: string): Tier | undefined {
  return isTier(b) ? strongestOf([a, b]) : a;
}

export type Complaint = { readonly what: string; readonly hint?: string };

/** What is wrong with a policy's annotations and with its use of `context.pep`. */
export function complaintsAbout(policy: PolicyJson): Complaint[] {
  return [
    ...annotationComplaints(policy),
    ...pepComplaints(policy),
    ...dischargeComplaints(policy),
  ];
}

function annotationComplaints({ annotations = {}, effect }: PolicyJson): Complaint[] {
  return Object.entries(annotations).flatMap(([name, value]): Complaint[] => {
    const row = ROWS.get(name);
    if (!row) {
      // A misspelt obligation would be an obligation that nobody meets.
      const near = suggest(name, ROWS.keys());
      return [
        {
          what: `unknown annotation @${name}`,
          hint: near ? `did you mean @${near}?` : `known are @${[...ROWS.keys()].join(', @')}`,
        },
      ];
    }
    // A bare `@id` has the value null in Cedar's JSON form.
    if (typeof value !== 'string' || !row.accepts(value))
      return [{ what: `@${name} needs ${row.wants}` }];
    if (row.obliges !== undefined && effect === 'permit')
      return [
        {
          what: `@${name} stands on a permit, where it has no effect`,
          hint: `write it on a forbid with unless { ${example({ kind: row.obliges, value })} }`,
        },
      ];
    return [];
  });
}

const SETS = {
  approval: 'approvals',
  isolation: 'enforce',
  redact: 'enforce',
  egress: 'enforce',
  returns: 'enforce',
} as const;
const TESTS = ['contains', 'containsAll', 'containsAny'];

function example(obligation: Obligation): string {
  return `context.pep.${SETS[obligation.kind]}.contains("${tokensOf(obligation)[0]}")`;
}

/**
 * More approvals may only ever turn a no into a yes, else asking would not end: `context.pep` stands in the `unless` of
 * forbids, as the set that is searched, under nothing but `&&` and `||`.
 */
function pepComplaints({ conditions, effect }: PolicyJson): Complaint[] {
  const isWrong = conditions.some(({ kind, body }) =>
    effect === 'forbid' && kind === 'unless' ? !isMonotone(body) : readsPep(body),
  );
  if (!isWrong) return [];
  return [
    {
      what: 'context.pep is used where more approvals could forbid what fewer allow',
      hint: `use it only in the unless of a forbid: unless { ${example({ kind: 'approval', value: 'user' })} }`,
    },
  ];
}

function isMonotone(root: unknown): boolean {
  const rest = [root];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (!readsPep(next)) continue;
    if (!isNode(next)) return false;
    const [[operator, operands] = ['', undefined]] = Object.entries(next);
    if (!isNode(operands)) return false;
    if (operator === '&&' || operator === '||') rest.push(operands['left'], operands['right']);
    else if (!TESTS.includes(operator) || !pepSet(operands['left']) || readsPep(operands['right']))
      return false;
  }
  return true;
}

function readsPep(expression: unknown): boolean {
  return [...contextPaths(expression)].some((path) => path === '' || path.split('.')[0] === 'pep');
}

function pepSet(expression: unknown): string | undefined {
  const [record, set, ...more] = contextPath(expression) ?? [];
  return record === 'pep' && more.length === 0 ? set : undefined;
}

/** An obligation that its own forbid does not look for would be asked for and change nothing. */
function dischargeComplaints(policy: PolicyJson): Complaint[] {
  if (policy.effect !== 'forbid') return [];
  return obligationsOf(policy)
    .filter(
      (obligation) => !tokensOf(obligation).some((token) => looksFor(policy, obligation, token)),
    )
    .map((obligation) => ({
      what: `nothing lifts it when ${obligation.kind} "${obligation.value}" is given`,
      hint: `add unless { ${example(obligation)} }`,
    }));
}

function looksFor({ conditions }: PolicyJson, { kind }: Obligation, token: string): boolean {
  const unless = partsOf(conditions).filter((part) => part.kind === 'unless');
  for (const node of nodesOf(unless))
    for (const test of TESTS) {
      const operands = node[test];
      if (!isNode(operands) || pepSet(operands['left']) !== SETS[kind]) continue;
      if ([...nodesOf(operands['right'])].some(({ Value: value }) => value === token)) return true;
    }
  return false;
}
