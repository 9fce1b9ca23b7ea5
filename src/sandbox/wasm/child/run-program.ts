import type { QuickJSHandle } from 'quickjs-emscripten-core';
import type { Engine } from './engine.ts';
import { Thrown, type GuestCalls } from './guest.ts';

type RunOptions = Engine & {
  readonly guest: GuestCalls;
  readonly sleep: (ms: number) => Promise<unknown>;
};

const MAIN = 'main.js';

/**
 * Runs the program until nothing is left to wait for; `false`: what its last statement promised never came. Throws
 * `Thrown` for an error that the program does not catch, in a promise as well where that is the last thing it says.
 */
export async function runProgram(options: RunOptions, code: string): Promise<boolean> {
  const { runtime, context, guest, sleep } = options;
  runtime.setModuleLoader(
    (name) => outside(() => guest.text('moduleSource', context.newString(name))),
    (base, name) =>
      outside(() => guest.text('moduleName', context.newString(base), context.newString(name))),
  );
  const value = evaluate(options, code);
  for (;;) {
    const jobs = runtime.executePendingJobs();
    if (jobs.error) throw new Thrown(jobs.error);
    const hasCome = checkPromise(options, value);
    const ms = guest.number('wait');
    if (ms < 0) return hasCome;
    if (ms > 0) await sleep(ms);
    guest.call('tick');
  }

  /** An error inside is told to the engine as an error of the module. */
  function outside(call: () => string): string | { error: Error } {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof Thrown)) throw error;
      const message: unknown = context.dump(context.getProp(error.handle, 'message'));
      return { error: new Error(String(message)) };
    }
  }
}

/** As Node does: a script; what is none, an ES module. */
function evaluate({ context }: RunOptions, code: string): QuickJSHandle {
  const script = context.evalCode(code, MAIN, { type: 'global', compileOnly: true });
  const isModule = script.error && /\b(?:import|export|await)\b/u.test(code);
  script.dispose();
  const result = context.evalCode(code, MAIN, { type: isModule ? 'module' : 'global' });
  if (result.error) throw new Thrown(result.error);
  return result.value;
}

/** The engine does not say which promises nobody looks after; the last statement, `main()` mostly, is one to look at. */
function checkPromise({ context }: RunOptions, value: QuickJSHandle): boolean {
  const state = context.getPromiseState(value);
  if (state.type === 'rejected') throw new Thrown(state.error);
  return state.type === 'fulfilled';
}
