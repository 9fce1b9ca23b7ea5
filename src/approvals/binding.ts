import type { AuditKey } from '../audit/key.ts';
import type { Call } from '../call.ts';
import { canonicalJson } from '../lib/json.ts';
import type { Binding } from './statement.ts';

/** Crockford's base 32: nothing that a person mistakes for something else. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const PERSON = 5;
const REST = 11;

/** What a yes for this call is bound to; `policy` is the digest of the policies that wanted it. */
export function bindingOf(call: Call, policy: string, { digest }: AuditKey): Binding {
  const { issuer, subject, client } = call.session.caller;
  const { server, name, hash, classes, dataClass } = call.subject;
  // Clients put another progress token into each request, and the model has no say in it.
  const { _meta: _, ...params } = call.params;
  return {
    issuer,
    subject,
    client,
    method: call.method,
    server,
    name,
    definition: hash,
    classes: [...classes].toSorted(),
    dataClass,
    labels: [...call.session.labels].toSorted(),
    policy,
    arguments: digest(canonicalJson(call.args)),
    params: digest(canonicalJson(params)),
  };
}

/** The same for the same call in every process of this state, and of no use to guess others. */
export function idOf(binding: Binding, key: AuditKey): string {
  const what = key.digest(`sallyport approval of\n${canonicalJson(binding)}`);
  return `${ofPerson(binding, key)}${base32(what, REST)}`;
}

/** How the ids of everything that this person asks for begin; with another program it is the same person who answers. */
export function ofPerson({ issuer, subject }: Binding, key: AuditKey): string {
  const person = JSON.stringify([issuer, subject]);
  return base32(key.digest(`sallyport approval for\n${person}`), PERSON);
}

function base32(hex: string, characters: number): string {
  const bits = BigInt(`0x${hex}`);
  return Array.from(
    { length: characters },
    (_, at) => ALPHABET[Number((bits >> BigInt(5 * at)) & 31n)],
  ).join('');
}
