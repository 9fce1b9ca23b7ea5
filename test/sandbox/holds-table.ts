// The tables of docs/sandbox.md: the ways, and which attack is contained by which. `node dist/test/sandbox/holds-table.js --write`
// writes it; what it says is what test/sandbox/abuse.test.ts holds.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { DriverName } from '../../src/sandbox/driver-names.ts';
import { GET_THROUGH } from './control.ts';
import { tiersTable } from './tiers-table.ts';
import { readVectors, type Vector } from './vectors.ts';
import { isTried, MACHINES, NAMES, UNTRIED, WAYS, type Way } from './ways.ts';

export const PAGE = join(packageRoot(), 'docs/sandbox.md');
export const JAVASCRIPT = join(packageRoot(), 'test/vectors/wasm');
const COMMAND = 'node dist/test/sandbox/holds-table.js --write';

/** The page with its tables as they have to be. */
export function withTables(page: string): string {
  return replaced(replaced(page, 'tiers', lines(tiersTable(attacks))), 'what holds', holds());
}

function replaced(page: string, name: string, text: string): string {
  const begin = `<!-- ${name}: ${COMMAND} -->`;
  const [from, to] = [page.indexOf(begin), page.indexOf(`<!-- end of ${name} -->`)];
  if (from === -1 || to < from) throw new TypeError(`${PAGE} has no place for ${name}`);
  return `${page.slice(0, from)}${begin}\n${text}${page.slice(to)}`;
}

function lines(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `| ${row.join(' | ')} |\n`).join('');
}

/** How many of the list a way contains; those of `quickjs` are a list of its own. */
function attacks(name: DriverName): string {
  if (name === 'quickjs') return `all ${readdirSync(JAVASCRIPT).length} in JavaScript`;
  const of = name === 'qemu-emulated' ? MACHINES : isTried(name) ? WAYS[name] : undefined;
  if (!of) return 'not tried';
  const all = readVectors().length;
  return `${all - Object.keys(of.fails).length} of ${all}`;
}

type Column = { readonly title: string; readonly cell: (vector: Vector) => string };

/** `held`, or why not. */
function column({ title, fails }: Pick<Way, 'title' | 'fails'>): Column {
  return {
    title,
    cell({ name }) {
      const why = fails[name];
      return why === undefined ? 'held' : `**no**: ${why}`;
    },
  };
}

const COLUMNS: readonly Column[] = [
  ...NAMES.map((name) => column(WAYS[name])),
  column(MACHINES),
  { title: 'QuickJS', cell: ({ quickjs }) => `held: ${quickjs.map(code).join(', ')}` },
];

function code(text: string): string {
  return `\`${text}\``;
}

function holds(): string {
  const head = ['Attack', ...COLUMNS.map(({ title }) => title)];
  const rows = readVectors().map((vector) => [
    `${code(vector.name)}: ${vector.source}`,
    ...COLUMNS.map(({ cell }) => cell(vector)),
  ]);
  const said = [...Object.entries(UNTRIED).map(untried), control()];
  return `${lines([head, head.map(() => '---'), ...rows])}\n${said.join('\n')}\n`;
}

function untried([name, why]: readonly [string, string]): string {
  return `In ${code(name)} none is tried: ${why}.`;
}

function control(): string {
  return `With Docker's defaults and runc these get through, so that the list can fail: ${GET_THROUGH.map(code).join(', ')}.`;
}

if (argv[1] === fileURLToPath(import.meta.url) && argv[2] === '--write')
  writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8')));
