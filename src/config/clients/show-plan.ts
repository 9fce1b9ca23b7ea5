import { createTwoFilesPatch } from 'diff';

import { visible } from '../../lib/visible.ts';
import type { FilePlan } from './plan.ts';

const COLOURS = { '+': 32, '-': 31, '@': 36 } as const;

/** What a plan would do, for a person: each server, then the diff of each file with its secrets hidden. */
export function showPlan(plan: FilePlan, colour: boolean): string {
  const lines = [`${plan.file.title}: ${plan.file.path}`];
  for (const section of plan.sections)
    for (const { from, to, notes } of section.imported) {
      const renamed = from === to ? '' : ` as ${to}`;
      lines.push(`  ${from}${renamed}: goes through ${section.entry}`);
      for (const note of notes) lines.push(`    note: ${note}`);
    }
  for (const { name, why } of plan.kept) lines.push(`  ${name}: stays as it is, ${why}`);
  if (plan.change === undefined && plan.kept.length === 0) lines.push('  nothing to import');
  if (plan.change !== undefined && plan.file.scope === 'project')
    lines.push('  note: this file is often shared, and it now names a file of yours');
  const writes = plan.change ? [...plan.sections.map((one) => one.gateway), plan.change] : [];
  for (const { path, before, after } of writes)
    lines.push('', ...diff(path, before === null ? '' : new TextDecoder().decode(before), after));
  const text = visible(`${lines.join('\n')}\n`, '\n\t');
  const hidden = hide(text, plan.secrets);
  return colour ? paint(hidden) : hidden;
}

function plain(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

function diff(path: string, before: string, after: string): string[] {
  const patch = createTwoFilesPatch(path, path, plain(before), plain(after), '', '', {
    context: 2,
  });
  return patch
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^(---|\+\+\+)(.*)\t$/u, '$1$2'))
    .filter((line) => !/^(?:=+|Index: .*|\\ No newline.*)$/u.test(line));
}

/** A diff ends up in terminals that are recorded and in logs that are sent around. */
function hide(text: string, secrets: readonly string[]): string {
  let hidden = text;
  for (const secret of secrets)
    for (const form of [
      secret,
      JSON.stringify(secret).slice(1, -1),
      secret.replaceAll('$', '$$$$'),
    ])
      hidden = hidden.replaceAll(form, () => '********');
  return hidden;
}

function paint(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const first = line.charAt(0);
      return first === '+' || first === '-' || first === '@'
        ? `\u001B[${COLOURS[first]}m${line}\u001B[0m`
        : line;
    })
    .join('\n');
}
