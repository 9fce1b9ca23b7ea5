/** Bytes of a text in UTF-8; half a character becomes U+FFFD. */
export function encode(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
  }
  return Uint8Array.from(bytes);
}

function tail(code: number): number {
  return 0x80 | (code & 0x3f);
}

/** Text of bytes in UTF-8; what is none becomes U+FFFD, as the Encoding Standard has it. */
export function decode(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const [code, length] = readOne(bytes, at);
    text += String.fromCodePoint(code);
    at += length;
  }
  return text;
}

/** Lead bytes: from, bytes that follow, bits of the lead, least code, allowed second byte. */
const LEADS = [
  { from: 0xf0, to: 0xf4, more: 3, bits: 0x07 },
  { from: 0xe0, to: 0xef, more: 2, bits: 0x0f },
  { from: 0xc2, to: 0xdf, more: 1, bits: 0x1f },
] as const;

function readOne(bytes: Uint8Array, at: number): [code: number, length: number] {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return [first, 1];
  const lead = LEADS.find(({ from, to }) => first >= from && first <= to);
  if (!lead) return [0xfffd, 1];
  let code = first & lead.bits;
  for (let more = 1; more <= lead.more; more++) {
    const byte = bytes[at + more] ?? 0;
    const [low, high] = more === 1 ? second(first) : [0x80, 0xbf];
    if (byte < low || byte > high) return [0xfffd, more];
    code = (code << 6) | (byte & 0x3f);
  }
  return [code, lead.more + 1];
}

function second(first: number): readonly [number, number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  if (first === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}

export class TextEncoder {
  readonly encoding = 'utf-8';
  encode(text: unknown = ''): Uint8Array {
    return encode(String(text));
  }
}

export class TextDecoder {
  readonly encoding = 'utf-8';
  decode(bytes: unknown = new Uint8Array()): string {
    return decode(bytesOf(bytes)).replace(/^\ufeff/u, '');
  }
}

export function bytesOf(value: unknown): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value))
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError('expected bytes');
}
