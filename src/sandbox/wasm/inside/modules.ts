import { resolvePath, type Files } from './files.ts';
import type { Host } from './host.ts';

export type Modules = {
  readonly require: (name: unknown) => unknown;
  readonly source: (name: string) => string;
  readonly name: (base: string, name: string) => string;
};

/** The name under which ES modules reach `require`; what it gives is made inside. */
const REQUIRE = 'globalThis.require';

/** `require` and `import`: a few parts of Node's library, and the files that came with the program. */
export function createModules(
  host: Host,
  files: Files,
  library: Readonly<Record<string, unknown>>,
): Modules {
  const loaded = new Map<string, { exports: unknown }>();

  function part(name: string): unknown {
    const short = name.replace(/^node:/u, '');
    return Object.hasOwn(library, short) ? library[short] : undefined;
  }

  function find(path: string): string | undefined {
    return ['', '.js', '.json', '.mjs', '.cjs', '/index.js']
      .map((end) => path + end)
      .find((one) => files.read(one) !== undefined);
  }

  function missing(name: string): Error {
    const here = Object.keys(library).join(', ');
    return Object.assign(
      new Error(
        /^[./]/u.test(name)
          ? `Cannot find module '${name}'`
          : `Cannot find module '${name}': the wasm tier has no packages and no network; it has ${here} and the files of the program`,
      ),
      { code: 'MODULE_NOT_FOUND' },
    );
  }

  function requireFrom(folder: string): (name: unknown) => unknown {
    return function require(named) {
      const name = String(named);
      const known = part(name);
      if (known !== undefined) return known;
      const path = /^[./]/u.test(name) ? find(resolvePath(folder, name)) : undefined;
      if (path === undefined) throw missing(name);
      const before = loaded.get(path);
      if (before) return before.exports;
      const module: { exports: unknown } = { exports: {} };
      loaded.set(path, module);
      load(path, module);
      return module.exports;
    };
  }

  function load(path: string, module: { exports: unknown }): void {
    const text = files.read(path) ?? '';
    if (path.endsWith('.json')) {
      module.exports = JSON.parse(text);
      return;
    }
    const wrapped = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
    const run = host.runScript(wrapped, path);
    if (typeof run !== 'function') throw new SyntaxError(`Cannot read ${path}`);
    const folder = path.slice(0, Math.max(1, path.lastIndexOf('/')));
    Reflect.apply(run, module.exports, [module.exports, requireFrom(folder), module, path, folder]);
  }

  function source(name: string): string {
    const known = part(name);
    if (known === undefined) {
      const text = files.read(name);
      if (text === undefined) throw missing(name);
      return name.endsWith('.json') ? `export default ${text}` : text;
    }
    const names = Object.keys(Object(known)).filter((one) => /^[a-z]\w*$/iu.test(one));
    const exports = names.length === 0 ? '' : `export const { ${names.join(', ')} } = all;`;
    return `const all = ${REQUIRE}(${JSON.stringify(name)}); export default all; ${exports}`;
  }

  function moduleName(base: string, name: string): string {
    if (part(name) !== undefined || !/^[./]/u.test(name)) return name;
    const place = resolvePath(
      base.startsWith('/') ? base.slice(0, base.lastIndexOf('/')) : '',
      name,
    );
    return find(place) ?? place;
  }

  return { require: requireFrom('/work'), source, name: moduleName };
}
