import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { packageRoot } from '../../src/lib/package-root.ts';
import { OUTPUT_ERRORS, type Output } from '../../src/sandbox/handover.ts';
import { isLanguage, type Language } from '../../src/sandbox/languages.ts';
import type { Run } from '../../src/sandbox/sandbox.ts';

const FOLDER = join(packageRoot(), 'test/vectors/sandbox');

export type Vector = {
  readonly name: string;
  readonly source: string;
  readonly language: Language;
  readonly timeoutMs: number;
  readonly code: string;
  /** Files that are asked for afterwards. */
  readonly outputs: readonly string[];
  /** What tries the same in JavaScript where there are no programs of Linux: names of `test/vectors/wasm`. */
  readonly quickjs: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
};

/** What is run of it. */
export function programOf({ language, code, timeoutMs, outputs }: Vector): Partial<Run> & {
  code: string;
} {
  return { language, code, timeoutMs, ...(outputs.length > 0 && { outputs }) };
}

/** What is looked at of a run. */
export const seenSchema = z.object({
  stdout: z.string(),
  ended: z.enum(['exited', 'timed-out', 'output-limit', 'out-of-memory', 'killed']),
  exitCode: z.number(),
  outputs: z
    .record(
      z.string(),
      z.union([
        z.object({ text: z.string() }),
        z.object({ base64: z.string() }),
        z.object({ error: z.enum(OUTPUT_ERRORS) }),
      ]),
    )
    .readonly()
    .optional(),
});

export type Seen = Readonly<z.output<typeof seenSchema>>;

export function readVectors(): Vector[] {
  return readdirSync(FOLDER).toSorted().map(readVector);
}

/**
 * `expect: held` wants the word `held` from the program, `ended A|B` one of these endings; `BREACH` is never fine.
 * `outputs: PATH A|B, …` asks for files and says what each may be: an error, or `text`.
 */
function readVector(file: string): Vector {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const end = text.indexOf('\n\n');
  const headers = new Map(
    text
      .slice(0, end)
      .split('\n')
      .map((line): [string, string] => {
        const at = line.indexOf(': ');
        return [line.slice(0, at), line.slice(at + 2)];
      }),
  );
  const language = headers.get('language') ?? '';
  assert.ok(isLanguage(language), file);
  return {
    name: file.slice(0, -4),
    source: headers.get('source') ?? '',
    language,
    timeoutMs: Number(headers.get('timeoutMs') ?? 60_000),
    code: text.slice(end + 2),
    outputs: wantedOutputs(headers).map(([path]) => path),
    quickjs: (headers.get('quickjs') ?? '').split(' '),
    headers,
  };
}

function wantedOutputs(headers: Vector['headers']): (readonly [path: string, may: string[]])[] {
  const words = (headers.get('outputs') ?? '').split(', ').filter(Boolean);
  return words.map((word) => {
    const [path = '', may = ''] = word.split(' ');
    return [path, may.split('|')];
  });
}

/** Throws unless the program was contained. */
export function checkContained({ headers }: Vector, result: Seen): void {
  const seen = JSON.stringify({ ...result, stdout: result.stdout.slice(-2000) }, null, 1);
  assert.doesNotMatch(result.stdout, /BREACH/, seen);
  const expected = headers.get('expect') ?? '';
  const held = expected.startsWith('held') && /^held/m.test(result.stdout);
  const endings = /ended (\S+)$/.exec(expected)?.[1]?.split('|') ?? [];
  assert.ok(held || endings.includes(result.ended), `expected ${expected}: ${seen}`);
  const exitCode = headers.get('exitCode');
  if (exitCode !== undefined) assert.equal(result.exitCode, Number(exitCode), seen);
  const wanted = wantedOutputs(headers);
  const { outputs = {} } = result;
  assert.deepEqual(
    Object.keys(outputs),
    wanted.map(([path]) => path),
    seen,
  );
  for (const [path, may] of wanted) {
    const { word, text } = told(outputs[path]);
    assert.ok(may.includes(word), `${path}: ${seen}`);
    assert.doesNotMatch(text, /BREACH|root:/u, `${path}: ${seen}`);
  }
}

function told(output: Output | undefined): { word: string; text: string } {
  if (!output) return { word: 'none', text: '' };
  if ('error' in output) return { word: output.error, text: '' };
  if ('text' in output) return { word: 'text', text: output.text };
  return { word: 'base64', text: Buffer.from(output.base64, 'base64').toString('latin1') };
}
