import { sha256 } from '../audit/record.ts';
import type { Subject } from '../call.ts';
import { fix, rememberFixed } from '../lib/fixed.ts';
import { canonicalJson } from '../lib/json.ts';

/** All that was known of a tool when a plan was validated; another one is another tool. */
export function fingerprintOf(subject: Subject): string {
  return remembered(subject).text;
}

const remembered = rememberFixed(
  ({
    server,
    name,
    hash,
    classes,
    dataClass,
    source,
    sink,
    sendsTo,
    asHandle,
    pin,
    reviewed,
  }: Subject) => {
    const known = { server, name, hash, classes, dataClass, source, sink, pin, reviewed };
    return fix({
      text: sha256(
        canonicalJson({ ...known, ...(sendsTo && { sendsTo }), ...(asHandle && { asHandle }) }),
      ),
    });
  },
);
