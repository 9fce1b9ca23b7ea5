import { bytesOf, decode, encode } from './text.ts';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [one = 0, two, three] = bytes.subarray(at, at + 3);
    const word = (one << 16) | ((two ?? 0) << 8) | (three ?? 0);
    text += BASE64.charAt(word >> 18) + BASE64.charAt((word >> 12) & 63);
    text += two === undefined ? '=' : BASE64.charAt((word >> 6) & 63);
    text += three === undefined ? '=' : BASE64.charAt(word & 63);
  }
  return text;
}

function fromBase64(text: string): Uint8Array {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/');
  const digits = Array.from(plain, (one) => BASE64.indexOf(one)).filter((digit) => digit !== -1);
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  for (let at = 0; at < bytes.length; at++) {
    const bit = at * 8;
    const left = digits[Math.floor(bit / 6)] ?? 0;
    const right = digits[Math.floor(bit / 6) + 1] ?? 0;
    bytes[at] = ((left << 6) | right) >> (4 - (bit % 6));
  }
  return bytes;
}

/** Encodings by name: text to bytes and back. */
const CODINGS: Readonly<
  Record<string, { from: (text: string) => Uint8Array; to: (bytes: Uint8Array) => string }>
> = {
  utf8: { from: encode, to: decode },
  latin1: {
    from: (text) => Uint8Array.from(text, (one) => one.charCodeAt(0)),
    to: (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''),
  },
  hex: {
    from: (text) => Uint8Array.from(text.match(/[\da-f]{2}/giu) ?? [], (one) => parseInt(one, 16)),
    to: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''),
  },
  base64: { from: fromBase64, to: toBase64 },
  base64url: {
    from: fromBase64,
    to: (bytes) => toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
  },
};

const NAMES: Readonly<Record<string, string>> = {
  'utf-8': 'utf8',
  binary: 'latin1',
  ascii: 'latin1',
};

function coding(name: unknown): {
  from: (text: string) => Uint8Array;
  to: (b: Uint8Array) => string;
} {
  const word = (typeof name === 'string' ? name : 'utf8').toLowerCase();
  const found = CODINGS[NAMES[word] ?? word];
  if (!found) throw new TypeError(`Unknown encoding: ${word}`);
  return found;
}

/** The part of Node's Buffer that programs mostly use. */
export class Buffer extends Uint8Array {
  static override from(value: unknown, encoding?: unknown): Buffer {
    if (typeof value === 'string') return Buffer.concat([coding(encoding).from(value)]);
    if (value instanceof ArrayBuffer) return new Buffer(value);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is no list makes an empty one
    const list = value as ArrayLike<number>;
    const buffer = new Buffer(list.length);
    buffer.set(list);
    return buffer;
  }

  static override of(...bytes: number[]): Buffer {
    return Buffer.from(bytes);
  }

  static alloc(size: number, fill: unknown = 0): Buffer {
    const buffer = new Buffer(size);
    const bytes = typeof fill === 'string' ? encode(fill) : Uint8Array.of(Number(fill));
    for (let at = 0; at < size && bytes.length > 0; at++)
      buffer[at] = bytes[at % bytes.length] ?? 0;
    return buffer;
  }

  static concat(parts: readonly Uint8Array[]): Buffer {
    const buffer = new Buffer(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      buffer.set(part, at);
      at += part.length;
    }
    return buffer;
  }

  static isBuffer(value: unknown): boolean {
    return value instanceof Buffer;
  }

  static byteLength(value: unknown, encoding?: unknown): number {
    return typeof value === 'string' ? coding(encoding).from(value).length : bytesOf(value).length;
  }

  override toString(encoding?: unknown): string {
    return coding(encoding).to(this);
  }

  toJSON(): unknown {
    return { type: 'Buffer', data: [...this] };
  }
}

export function atob(text: unknown): string {
  return Buffer.from(String(text), 'base64').toString('latin1');
}

export function btoa(text: unknown): string {
  return Buffer.from(String(text), 'latin1').toString('base64');
}
