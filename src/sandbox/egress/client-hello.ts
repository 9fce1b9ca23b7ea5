/** What a TLS client's first message says of where it goes. */
export type Hello =
  | { readonly kind: 'name'; readonly name: string }
  /** Not all there: look again when there are `bytes`. */
  | { readonly kind: 'more'; readonly bytes: number }
  | { readonly kind: 'refused'; readonly why: string };

/** Of the records up to the end of the message. */
export const MAX_HELLO = 16 * 1024;
const RECORD = 5;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
/** Encrypted Client Hello and its forerunner: the name outside need not be the one that is asked for. */
const ENCRYPTED = [0xfe_0d, 0xff_ce];

/**
 * Reads the server name of a ClientHello (RFC 8446 §4.1.2, RFC 6066 §3) that may be cut into records anywhere. Never
 * throws: what is not exactly such a message is refused, since another reader might find another name in it.
 */
export function readClientHello(bytes: Buffer): Hello {
  const parts: Buffer[] = [];
  let length = 0;
  let wanted = 4;
  for (let at = 0; length < wanted;) {
    if (bytes.length >= at + 1 && bytes[at] !== HANDSHAKE) return refused('it is not TLS');
    if (bytes.length < at + RECORD) return more(at + RECORD);
    const size = bytes.readUInt16BE(at + 3);
    if (bytes[at + 1] !== 3) return refused('it is not TLS');
    if (size === 0 || at + RECORD + size > MAX_HELLO) return refused('its records have bad sizes');
    if (bytes.length < at + RECORD + size) return more(at + RECORD + size);
    parts.push(bytes.subarray(at + RECORD, at + RECORD + size));
    length += size;
    at += RECORD + size;
    if (length < 4) continue;
    const head = wanted === 4 ? Buffer.concat(parts).readUInt32BE(0) : undefined;
    if (head === undefined) continue;
    if (head >>> 24 !== CLIENT_HELLO) return refused('it does not begin with a ClientHello');
    wanted = 4 + (head & 0xff_ff_ff);
    if (wanted > MAX_HELLO) return refused('it is too long');
  }
  if (length > wanted) return refused('something follows in the same record');
  try {
    return readBody(createReader(Buffer.concat(parts).subarray(4)));
  } catch (error) {
    if (error instanceof RangeError) return refused('it is cut short');
    throw error;
  }
}

function readBody(hello: Reader): Hello {
  hello.take(2 + 32);
  if (hello.vector(1).left() > 32) return refused('its session id is too long');
  hello.vector(2);
  hello.vector(1);
  const extensions = hello.vector(2);
  if (hello.left() > 0) return refused('something follows its extensions');
  const seen = new Set<number>();
  let name: string | undefined;
  while (extensions.left() > 0) {
    const type = extensions.number(2);
    const body = extensions.vector(2);
    if (seen.has(type)) return refused('an extension stands in it twice');
    seen.add(type);
    if (ENCRYPTED.includes(type)) return refused('its server name is encrypted');
    if (type === SERVER_NAME) name = readName(body);
  }
  if (name === undefined) return refused('it has no server name');
  return { kind: 'name', name };
}

/** Exactly one host name; anything beside it is undefined. */
function readName(body: Reader): string | undefined {
  const list = body.vector(2);
  const isHostName = list.number(1) === 0;
  const name = list.vector(2).rest().toString('latin1').toLowerCase();
  return isHostName && list.left() === 0 && body.left() === 0 && name !== '' ? name : undefined;
}

type Reader = {
  readonly left: () => number;
  readonly take: (count: number) => Buffer;
  readonly number: (size: 1 | 2) => number;
  /** What a length of `size` bytes announces. */
  readonly vector: (size: 1 | 2) => Reader;
  readonly rest: () => Buffer;
};

/** Throws a `RangeError` at the end of `bytes`. */
function createReader(bytes: Buffer): Reader {
  let at = 0;
  function take(count: number): Buffer {
    if (at + count > bytes.length) throw new RangeError('Cannot read: the message is over');
    at += count;
    return bytes.subarray(at - count, at);
  }
  const number = (size: 1 | 2): number => take(size).readUIntBE(0, size);
  return {
    take,
    number,
    left: () => bytes.length - at,
    rest: () => take(bytes.length - at),
    vector: (size) => createReader(take(number(size))),
  };
}

function refused(why: string): Hello {
  return { kind: 'refused', why };
}

function more(bytes: number): Hello {
  return bytes > MAX_HELLO ? refused('it is too long') : { kind: 'more', bytes };
}
