import { Transform, type TransformCallback } from 'node:stream';

/** A credential that the program never sees: it writes the placeholder, and the proxy puts the value in. */
export type EgressSecret = {
  readonly name: string;
  /** The one header, in lower case, in which the placeholder counts. */
  readonly header: string;
  readonly value: string;
};

/** What a program writes in place of the secret. */
export function placeholderOf({ name }: Pick<EgressSecret, 'name'>): string {
  return `{{${name}}}`;
}

/** The same text with as many asterisks where the secret stood. */
export function maskText(text: string, { value }: EgressSecret): string {
  return text.replaceAll(value, '*'.repeat(value.length));
}

/**
 * A stream that masks the secret in what a server answers, byte for byte, wherever it is cut: an echo would hand it to
 * the program. As long as before, so that the length in the head stays true.
 */
export function masking({ value }: EgressSecret): Transform {
  const secret = Buffer.from(value, 'latin1');
  let held = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const bytes = Buffer.concat([held, chunk]);
      for (let at = bytes.indexOf(secret); at !== -1; at = bytes.indexOf(secret, at))
        bytes.fill('*', at, at + secret.length);
      const keep = beginning(bytes, secret);
      held = Buffer.from(bytes.subarray(bytes.length - keep));
      done(null, bytes.subarray(0, bytes.length - keep));
    },
    flush(done) {
      done(null, held);
    },
  });
}

/** How many bytes at the end of `bytes` are how the secret begins. */
function beginning(bytes: Buffer, secret: Buffer): number {
  let count = Math.min(bytes.length, secret.length - 1);
  while (count > 0 && !bytes.subarray(-count).equals(secret.subarray(0, count))) count--;
  return count;
}
