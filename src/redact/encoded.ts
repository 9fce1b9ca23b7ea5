const BASE64 = /^[A-Za-z0-9+/_-]{16,}={0,2}$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The text that stands in base64 (RFC 4648), in lines or not; undefined where it is no text, or where other decoders may
 * read another one.
 */
export function fromBase64(encoded: string): string | undefined {
  const bare = encoded.replaceAll(/[\r\n]/g, '');
  const plain = bare.replaceAll('-', '+').replaceAll('_', '/');
  const canonical = Buffer.from(plain, 'base64').toString('base64');
  const isCanonical = plain === canonical || plain === canonical.replace(/=+$/, '');
  return isCanonical ? decode(plain) : undefined;
}

function decode(encoded: string): string | undefined {
  try {
    const text = utf8.decode(Buffer.from(encoded, 'base64'));
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** The same of a string that may be base64 or anything else, read as loosely as anybody may. */
export function bareText(text: string): string | undefined {
  const bare = text.replaceAll(/[\r\n]/g, '');
  return BASE64.test(bare) ? decode(bare) : undefined;
}

export function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}
