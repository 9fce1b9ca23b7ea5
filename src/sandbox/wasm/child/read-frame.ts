/** The token of the cell, then a program as `frame` of ../../program.ts has written it. */
export type Framed = {
  readonly token: string;
  readonly code: string;
  readonly stdin: string;
  readonly files: Readonly<Record<string, string>>;
  /** Which files to hand over afterwards, and how many bytes of each. */
  readonly outputs: { readonly paths: readonly string[]; readonly most: number };
};

const NEWLINE = 0x0a;

/** The program in `bytes`; where it has not come whole, how many bytes there must be before it is worth another look. */
export function readFrame(bytes: Buffer): Framed | number {
  let at = 0;
  let wanted = 0;
  const line = (): string | undefined => {
    const end = bytes.indexOf(NEWLINE, at);
    if (end === -1) wanted = bytes.length + 1;
    if (end === -1) return undefined;
    const text = bytes.toString('utf8', at, end);
    at = end + 1;
    return text;
  };
  const take = (length: number): string | undefined => {
    wanted = at + length;
    if (bytes.length < wanted) return undefined;
    at += length;
    return bytes.toString('utf8', at - length, at);
  };
  const token = line() ?? '';
  const sizes = (line() ?? '').split(' ');
  const [count = Number.NaN, codeLength = Number.NaN, stdinLength = Number.NaN] = sizes.map(Number);
  if (Number.isNaN(stdinLength)) return wanted;
  const files: [string, string][] = [];
  for (let one = 0; one < count; one++) {
    const [path, length] = [line(), line()];
    const text = length === undefined ? undefined : take(Number(length));
    if (path === undefined || text === undefined) return wanted;
    files.push([path, text]);
  }
  const code = take(codeLength);
  const stdin = take(stdinLength);
  if (code === undefined || stdin === undefined) return wanted;
  const paths: string[] = [];
  const most = line();
  for (let path = most; path !== '';) {
    path = line();
    if (path === undefined) return wanted;
    if (path !== '') paths.push(path);
  }
  const outputs = { paths, most: Number(most) };
  // No name of a file is a prototype.
  return { token, code, stdin, files: Object.fromEntries(files), outputs };
}
