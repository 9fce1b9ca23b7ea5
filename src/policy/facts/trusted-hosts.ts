import type { Call } from '../../call.ts';
import type { JsonValue } from '../../lib/json.ts';
import { follow, readPointer } from '../../plans/pointer.ts';
import { findRule, type EgressRule } from '../../sandbox/egress/allowlist.ts';
import { readDestination, type Destination } from '../../sandbox/egress/destination.ts';
import { hostsIn } from './hosts.ts';
import { leavesOf } from './leaves.ts';
import { recipientsIn } from './recipients.ts';
import type { Trusts } from './trust.ts';

const TLS = 443;
/** Behind the authority a path or nothing: `https://a.example#@b.example` is b to some. A backslash is a slash to some. */
const URL_TEXT = /^(?:https|wss):\/\/([A-Za-z0-9.:-]+)(?:\/[!-[\]-~]*)?$/u;
const MAIL = /^[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?@([A-Za-z0-9.-]+)$/u;

/**
 * Only a person can know which arguments decide where a tool sends: a message to anybody may mention a trusted host. Those
 * that the reviewed entry names must be URLs, hosts or addresses of trusted hosts, in their plainest spelling, and nothing
 * else in the arguments may name another host or recipient. Whatever cannot be read surely is nobody's.
 */
export function createTrusts(rules: readonly EgressRule[]): Trusts {
  return function trusts({ subject, args }) {
    const { kind, sendsTo = [], pin, reviewed } = subject;
    if (kind !== 'tool' || pin !== 'match' || !reviewed) return false;
    const named = sendsTo.flatMap((pointer) => destinationsAt(args, pointer));
    if (named.length === 0) return false;
    if (!named.every((each) => each !== undefined && findRule(rules, each))) return false;
    const leaves = leavesOf(args);
    const hosts = [...hostsIn(leaves), ...recipientsIn(leaves).domains];
    return leaves.isWhole && hosts.every((host) => isTrusted(host));
  };

  /** Of what else is named only the host can be told. */
  function isTrusted(host: string): boolean {
    return rules.some(({ port }) => findRule(rules, { host, port }));
  }
}

/** None where the argument is not set; undefined for each that cannot be read. */
function destinationsAt(args: Call['args'], pointer: string): (Destination | undefined)[] {
  const value = follow(args, readPointer(pointer) ?? []);
  if (value === undefined || value === null) return [];
  const all: readonly JsonValue[] = Array.isArray(value) ? value : [value];
  return all.map((each) => (typeof each === 'string' ? read(each) : undefined));
}

/** `https://api.example.com:8443/path`, `alice@example.com`, `api.example.com`, `api.example.com:8443`. */
function read(text: string): Destination | undefined {
  const mail = MAIL.exec(text)?.[1];
  if (mail !== undefined) return readDestination(mail, TLS);
  return readDestination(URL_TEXT.exec(text)?.[1] ?? text, TLS);
}
