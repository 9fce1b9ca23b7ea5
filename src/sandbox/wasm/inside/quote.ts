const ESCAPES: Readonly<Record<string, string>> = {
  '\b': String.raw`\b`,
  '\t': String.raw`\t`,
  '\n': String.raw`\n`,
  '\f': String.raw`\f`,
  '\r': String.raw`\r`,
  '\\': '\\\\',
};

/** A text as a literal, in the quotes that need no escape where there are such. */
export function quote(text: string): string {
  const mark = [`'`, '"', '`'].find((one) => !text.includes(one)) ?? `'`;
  // oxlint-disable-next-line no-control-regex -- these are what must be escaped
  const body = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\\]|\p{Cs}/gu, escape);
  return mark + (text.includes(mark) ? body.replaceAll(mark, `\\${mark}`) : body) + mark;
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  const short = `\\x${hex.toUpperCase().padStart(2, '0')}`;
  return ESCAPES[character] ?? (code > 0xff ? `\\u${hex}` : short);
}
