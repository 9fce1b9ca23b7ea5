import type { Node } from 'jsonc-parser';

import type { SectionEdit } from './client-text.ts';

export type Change = { readonly from: number; readonly to: number; readonly by: string };

/**
 * The changes to `text` that replace the servers in `remove` by one entry, which takes the place of the first of them,
 * or of the entry of that name.
 */
export function sectionChanges(
  text: string,
  section: Node,
  { remove, entry }: SectionEdit,
): Change[] {
  const all = section.children ?? [];
  const present = all.find((property) => keyOf(property) === entry.name);
  const gone = all.filter((property) => remove.has(keyOf(property)) && property !== present);
  const place = present ?? gone[0];
  if (place === undefined) return [];

  const changes: Change[] = [
    { from: place.offset, to: end(place), by: entryText(text, place, section, entry) },
  ];
  for (const property of gone) if (property !== place) changes.push(removal(text, property));
  const last = all.at(-1);
  const lastKept = all.findLast((property) => property === place || !gone.includes(property));
  // JSON allows no comma before the closing brace; where the file had one, the client allows it.
  if (last && lastKept && lastKept !== last && commaAfter(text, end(last)) === undefined) {
    const comma = commaAfter(text, end(lastKept));
    if (comma !== undefined) changes.push({ from: comma, to: comma + 1, by: '' });
  }
  return changes;
}

function removal(text: string, property: Node): Change {
  const comma = commaAfter(text, end(property));
  let to = comma === undefined ? end(property) : comma + 1;
  let from = property.offset;
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  const rest = /[ \t]*(?:\r?\n)?/uy;
  rest.lastIndex = to;
  const tail = rest.exec(text)?.[0] ?? '';
  if (text.slice(lineStart, from).trim() === '' && tail.includes('\n')) {
    from = lineStart;
    to += tail.length;
  }
  return { from, to, by: '' };
}

/** The offset of the comma that follows, past white space and comments. */
function commaAfter(text: string, offset: number): number | undefined {
  const gap = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/uy;
  gap.lastIndex = offset;
  const at = offset + (gap.exec(text)?.[0].length ?? 0);
  return text[at] === ',' ? at : undefined;
}

/** `"name": {…}` in the manner of the file: its line ends, its unit of indentation, or one line where it has one. */
function entryText(text: string, place: Node, section: Node, entry: SectionEdit['entry']): string {
  const key = `${JSON.stringify(entry.name)}: `;
  const own = indentation(text, place.offset);
  if (own === undefined) return key + JSON.stringify(entry.value);
  const outer = leadingSpace(text, section.parent?.offset ?? section.offset);
  const unit = own.startsWith(outer) && own.length > outer.length ? own.slice(outer.length) : '  ';
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = JSON.stringify(entry.value, null, unit.slice(0, 10)).split('\n');
  return key + lines.join(eol + own);
}

/** The white space before `offset` when nothing else stands before it on its line. */
function indentation(text: string, offset: number): string | undefined {
  const before = lineBefore(text, offset);
  return /^[ \t]*$/u.test(before) ? before : undefined;
}

function leadingSpace(text: string, offset: number): string {
  return /^[ \t]*/u.exec(lineBefore(text, offset))?.[0] ?? '';
}

function lineBefore(text: string, offset: number): string {
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset).replace(/^\uFEFF/u, '');
}

function end(node: Node): number {
  return node.offset + node.length;
}

function keyOf(property: Node): string {
  return String(property.children?.[0]?.value);
}
