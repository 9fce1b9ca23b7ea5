// oxlint-disable-next-line import/no-unassigned-import -- has to run before Cedar is compiled
import './v8-flag.ts';
import { createRequire } from 'node:module';
import type * as Module from '@cedar-policy/cedar-wasm/nodejs';

export type {
  Decision,
  DetailedError,
  EntityJson,
  PolicyJson,
  ValidationError,
} from '@cedar-policy/cedar-wasm/nodejs';
export type CedarModule = typeof Module;
export type SchemaJson = Module.SchemaJson<string>;

/** Cedar could not answer. What it has computed so far is forgotten; the next question meets a new instance. */
export class CedarCrash extends Error {
  override readonly name = 'CedarCrash';
}

/** The one way to Cedar's WebAssembly module. */
export type Cedar = {
  /** Asks the module. Throws `CedarCrash` where it traps, and loads it anew. */
  use<T>(ask: (module: CedarModule) => T): T;
  /** Grows with each new instance; what was prepared in an earlier one is gone. */
  readonly generation: number;
  /** A name for something prepared that nobody else has: two sets under one name would decide for each other. */
  takeName(kind: Prepared): string;
  /** Gives a name back that nobody asks by any more: what it holds is freed when somebody prepares under it again. */
  giveName(kind: Prepared, name: string): void;
};

/** What can be prepared: each has names of its own. */
export type Prepared = 'policies' | 'schema';

const require = createRequire(import.meta.url);

export function createCedar(): Cedar {
  let module = loadModule();
  let generation = 1;
  let names = 0;
  const free: Record<Prepared, string[]> = { policies: [], schema: [] };
  return {
    takeName: (kind) => free[kind].pop() ?? `prepared-${++names}`,
    giveName: (kind, name) => void free[kind].push(name),
    get generation() {
      return generation;
    },
    use(ask) {
      try {
        return ask(module);
      } catch (cause) {
        // A trap leaves the stack pointer of the instance where it was: every later answer would be wrong.
        module = loadModule();
        generation++;
        free.policies = [];
        free.schema = [];
        throw new CedarCrash('Cannot evaluate policies: Cedar stopped', { cause });
      }
    },
  };
}

function loadModule(): CedarModule {
  const path = require.resolve('@cedar-policy/cedar-wasm/nodejs');
  // The package instantiates when it is loaded, so a new instance is a new load.
  delete require.cache[path];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `require` knows no types; the package declares these
  return require(path) as CedarModule;
}
