import type {
  Call,
  Caller,
  CallMethod,
  CapabilityClass,
  PlanFacts,
  Session,
  Subject,
} from '../call.ts';
import { fix, rememberFixed } from '../lib/fixed.ts';
import { isWellFormed } from '../lib/well-formed.ts';
import type { EntityJson } from './cedar.ts';
import type { Facts } from './facts/facts.ts';
import type { Vocabulary } from './schema.ts';
import type { CedarRecord } from './typed/argument-type.ts';
import type { Seen } from './typed/to-cedar.ts';
import type { TypeTool } from './typed/typed.ts';

type Uid = { readonly type: string; readonly id: string };

/** What does not change about a caller. */
export type Person = {
  readonly principal: Uid;
  /** Groups of the caller. */
  readonly groups: readonly Uid[];
  readonly user: EntityJson;
};

/** The half of a question that does not depend on what the call is about. */
export type Who = { readonly person: Person; readonly context: Context };

/** The half that does not depend on who asks. */
export type What = {
  readonly action: string;
  /** What the call does, without classes that another one of them implies. */
  readonly classes: readonly CapabilityClass[];
  readonly resource: Uid;
  readonly server: Uid;
  /** The subject, where it is more than the server itself. */
  readonly described: EntityJson | undefined;
  /** Of the arguments that policies look at; equal keys for equal types. */
  readonly args?: { readonly record: CedarRecord; readonly key: string };
};

/** What Cedar is asked, apart from `context.pep`. */
export type Question = Who & { readonly what: What };

export type Context = {
  readonly session: {
    id: string;
    labels: string[];
    escalation: number;
    calls: number;
    stepInPlan: boolean;
    planLabels: string[];
    fromUntrusted: string[];
  };
  readonly req: {
    now: Extension;
    assurance: number;
    scopes: string[];
    authAge?: Extension;
  };
  /** Those that have to be looked for are absent where no policy reads them. */
  readonly facts: KnownFacts;
  readonly args?: Seen['args'];
  /** Absent but where one is submitted. */
  readonly plan?: {
    steps: number;
    depth: number;
    tools: string[];
    sinks: string[];
    departs: string[];
  };
};
type KnownFacts = Pick<Facts, 'toTrustedHosts'> & Partial<Facts>;
type Extension = { __extn: { fn: 'datetime' | 'duration'; arg: string } };

/** The entity types that a method is about, by kind of subject; absent: the method is not for it. */
const TYPES = {
  'tools/call': { tool: 'Tool' },
  'resources/read': { resource: 'Resource' },
  'prompts/get': { prompt: 'Prompt' },
  'completion/complete': { prompt: 'Prompt', resource: 'Resource' },
  'sampling/createMessage': { request: 'Server' },
  'elicitation/create': { request: 'Server' },
  'roots/list': { request: 'Server' },
} as const satisfies Record<CallMethod, Partial<Record<Subject['kind'], string>>>;

export type QuestionOptions = {
  readonly vocabulary: Vocabulary;
  /** The action of a call on this subject: its own where a policy names it. */
  readonly actionFor: (method: CallMethod, subject: Subject) => string;
  readonly typeTool: TypeTool;
  readonly factsOf: (about: About | undefined, session: State) => KnownFacts;
  readonly now: () => Date;
};

/** What a call brings to a question. */
export type About = Pick<Call, 'method' | 'subject' | 'args' | 'toTrusted' | 'plan'>;

/** A session as it is at this moment. */
export type State = Pick<
  Session,
  'id' | 'caller' | 'labels' | 'carried' | 'escalation' | 'calls' | 'step'
>;

/** Turns calls into questions. Both throw a `TypeError` for what is not what it should be: refused as `internal`. */
export type Asking = {
  /** Without a call for what does not depend on one. */
  who(session: State, about?: About, args?: Seen['args']): Who;
  what(method: CallMethod, subject: Subject): What;
  /** The same, for somebody who keeps few of them: made anew, and not fixed. */
  describe(method: CallMethod, subject: Subject): What;
};

export function createAsking(options: QuestionOptions): Asking {
  const { vocabulary, actionFor, typeTool, factsOf, now } = options;
  const { kinds } = vocabulary;
  const personOf = rememberFixed(describePerson);
  const ofMethod = new Map<CallMethod, (subject: Subject) => What>();
  let moment = { seconds: NaN, text: '' };
  return { who, what, describe: describeWhat };

  function who(session: State, about?: About, args?: Seen['args']): Who {
    return { person: personOf(session.caller), context: contextOf(session, about, args) };
  }

  function what(method: CallMethod, subject: Subject): What {
    let describe = ofMethod.get(method);
    if (!describe)
      ofMethod.set(method, (describe = rememberFixed((of) => fix(describeWhat(method, of)))));
    return describe(subject);
  }

  function describeWhat(method: CallMethod, subject: Subject): What {
    const type = typeFor(method, subject);
    // `a/b` of server `c` and `b` of server `c/a` must not be the same entity.
    if (subject.server === '' || subject.server.includes('/'))
      throw new TypeError('Cannot decide: the name of the server has a slash');
    const server = { type: 'Server', id: text(subject.server) };
    const resource =
      type === 'Server' ? server : { type, id: `${server.id}/${text(subject.name)}` };
    const action = actionFor(method, subject);
    const typed = typeTool(action, subject.definition);
    return {
      action,
      classes: classesOf(method, subject),
      resource,
      server,
      described:
        type === 'Server'
          ? undefined
          : { uid: resource, attrs: attributesOf(subject), parents: [server] },
      ...(typed && { args: { record: typed.record, key: typed.key } }),
    };
  }

  /** The most specific classes: `write` goes where `destructive`, which is a kind of it, stands too. */
  function classesOf(method: CallMethod, subject: Subject): CapabilityClass[] {
    const own = method === 'tools/call' ? [] : vocabulary.classesOf(method);
    const all = new Set([...own, ...subject.classes]);
    if (all.size === 0 && subject.kind === 'tool') all.add('unclassified');
    for (const name of all)
      if (!kinds.has(name)) throw new TypeError(`Cannot decide: no class ${name}`);
    return [...all]
      .filter((name) => ![...all].some((other) => other !== name && kinds.get(other)?.has(name)))
      .toSorted();
  }

  function contextOf(
    session: State,
    about: About | undefined,
    args: Seen['args'] | undefined,
  ): Context {
    const { caller } = session;
    // Whole seconds: two answers within one second are about the same moment.
    const seconds = whole(Math.floor(now().getTime() / 1000));
    const facts = factsOf(about, session);
    return {
      session: {
        id: text(session.id),
        labels: strings([...session.labels]),
        escalation: whole(session.escalation),
        calls: whole(session.calls),
        stepInPlan: session.step !== undefined,
        planLabels: strings([...(session.step?.labels ?? [])]),
        fromUntrusted: strings([...(session.step?.fromUntrusted ?? [])]),
      },
      req: {
        now: extension('datetime', textOf(seconds)),
        assurance: whole(caller.assurance),
        scopes: strings(caller.scopes),
        ...(caller.authTime !== undefined && {
          authAge: extension(
            'duration',
            `${Math.max(0, seconds - whole(Math.floor(caller.authTime)))}s`,
          ),
        }),
      },
      facts,
      ...(args && { args }),
      ...(about?.plan && { plan: planOf(about.plan) }),
    };
  }

  function textOf(seconds: number): string {
    if (moment.seconds !== seconds)
      moment = { seconds, text: new Date(seconds * 1000).toISOString() };
    return moment.text;
  }
}

function planOf({ steps, depth, tools, sinks, departs }: PlanFacts): NonNullable<Context['plan']> {
  return {
    steps: whole(steps),
    depth: whole(depth),
    tools: strings(tools),
    sinks: strings(sinks),
    departs: strings(departs),
  };
}

function describePerson(caller: Caller): Person {
  const principal = { type: 'User', id: text(caller.subject) };
  const groups = strings(caller.groups).map((id) => ({ type: 'Group', id }));
  const attrs = {
    issuer: text(caller.issuer),
    client: text(caller.client),
    scopes: strings(caller.scopes),
    assurance: whole(caller.assurance),
  };
  return fix({ principal, groups, user: { uid: principal, attrs, parents: groups } });
}

/** Attributes of a subject as the lock file holds them. */
export function attributesOf(subject: Subject): EntityJson['attrs'] {
  return {
    name: text(subject.name),
    server: text(subject.server),
    classes: strings(subject.classes),
    dataClass: whole(subject.dataClass),
    source: strings(subject.source),
    sink: strings(subject.sink),
    pin: text(subject.pin),
    reviewed: flag(subject.reviewed),
  };
}

function typeFor(method: CallMethod, { kind }: Subject): string {
  const types: Partial<Record<Subject['kind'], string>> = TYPES[method];
  const type = types[kind];
  if (type === undefined) throw new TypeError(`Cannot decide: ${method} is not for a ${kind}`);
  return type;
}

function extension(fn: 'datetime' | 'duration', arg: string): Extension {
  return { __extn: { fn, arg } };
}

// An object where a string should be could be an `__extn` or `__entity` that Cedar evaluates; none gets past these.
function text(value: unknown): string {
  if (typeof value === 'string' && isWellFormed(value)) return value;
  throw new TypeError('Cannot decide: a name or label is not well-formed text');
}

function strings(values: readonly unknown[]): string[] {
  return values.map(text);
}

function whole(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new TypeError('Cannot decide: a number is not whole');
}

function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new TypeError('Cannot decide: a flag is not true or false');
}
