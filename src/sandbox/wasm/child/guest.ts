import type { QuickJSContext, QuickJSHandle } from 'quickjs-emscripten-core';

/** Texts longer than this never come from our own code inside. */
const MAX_TEXT = 65_536;

export type HostCalls = {
  readonly write: (stream: 1 | 2, text: string) => void;
  readonly exit: (code: number) => never;
};

/** An error inside, as the handle of what was thrown. */
export class Thrown extends Error {
  readonly handle: QuickJSHandle;
  constructor(handle: QuickJSHandle) {
    super('thrown inside');
    this.handle = handle;
  }
}

/** The functions of `inside/host.ts`, called from here. Only texts and numbers cross, never an object of either side. */
export interface GuestCalls {
  call(name: string, ...args: QuickJSHandle[]): QuickJSHandle;
  number(name: string, ...args: QuickJSHandle[]): number;
  text(name: string, ...args: QuickJSHandle[]): string;
}

type StartOptions = {
  /** Source of `inside/javascript.ts` and the like: a script that leaves `inside`. */
  readonly source: string;
  readonly given: { readonly stdin: string; readonly files: Readonly<Record<string, string>> };
  readonly calls: HostCalls;
};

/** Runs our own code inside and gives it its three ways out. */
export function startGuest(
  context: QuickJSContext,
  { source, given, calls }: StartOptions,
): GuestCalls {
  // As a function's variable: a global one would stay for the program to find.
  const inside = run(context, `(() => {${source}\nreturn inside })()`, 'inside.js');
  const start = context.getProp(inside, 'start');
  const guest = unwrap(
    context.callFunction(
      start,
      context.undefined,
      hostObject(context, calls),
      fromJson(context, given),
    ),
  );

  function call(name: string, ...args: QuickJSHandle[]): QuickJSHandle {
    return unwrap(context.callFunction(context.getProp(guest, name), guest, ...args));
  }
  return {
    call,
    number: (name, ...args) => context.getNumber(call(name, ...args)),
    text: (name, ...args) => textOf(context, call(name, ...args)),
  };
}

/** Runs a script inside; what its last statement is worth. */
export function run(context: QuickJSContext, source: string, name: string): QuickJSHandle {
  return unwrap(context.evalCode(source, name, { type: 'global' }));
}

function unwrap(result: ReturnType<QuickJSContext['evalCode']>): QuickJSHandle {
  if (result.error) throw new Thrown(result.error);
  return result.value;
}

/** A text from inside, cut: the program may have replaced what makes our code cut it. */
function textOf(context: QuickJSContext, handle: QuickJSHandle): string {
  if (context.typeof(handle) !== 'string') return '';
  const length = context.getNumber(context.getProp(handle, 'length'));
  return length <= MAX_TEXT ? context.getString(handle) : '';
}

function hostObject(context: QuickJSContext, { write, exit }: HostCalls): QuickJSHandle {
  const host = context.newObject();
  const add = (name: string, call: (...args: QuickJSHandle[]) => QuickJSHandle | undefined): void =>
    context.setProp(
      host,
      name,
      context.newFunction(name, (...args) => {
        try {
          return call(...args) ?? context.undefined;
        } catch (error) {
          return { error: error instanceof Thrown ? error.handle : context.newError('internal') };
        }
      }),
    );
  add('write', (stream, text) => {
    if (!stream || !text) return undefined;
    write(context.getNumber(stream) === 2 ? 2 : 1, textOf(context, text));
    return undefined;
  });
  add('writeZero', (stream) => {
    if (stream) write(context.getNumber(stream) === 2 ? 2 : 1, '\0');
    return undefined;
  });
  add('exit', (code) => exit(code ? context.getNumber(code) & 0xff : 0));
  add('runScript', (source, name) => {
    if (!source || !name || context.typeof(source) !== 'string') return undefined;
    return run(context, context.getString(source), textOf(context, name));
  });
  return host;
}

function fromJson(context: QuickJSContext, value: unknown): QuickJSHandle {
  const parse = context.getProp(context.getProp(context.global, 'JSON'), 'parse');
  const text = context.newString(JSON.stringify(value));
  return unwrap(context.callFunction(parse, context.undefined, text));
}
