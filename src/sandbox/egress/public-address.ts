import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Whether a sandbox may be connected to an address, given in canonical text; to a private one where its owner says so. */
export type IsPublic = (address: string, mayBePrivate?: boolean) => boolean;

/** IANA's special-purpose registry for IPv4, and the wire server of Azure, which hands out a machine's credentials. */
const CLOSED_4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '168.63.129.16/32', '169.254.0.0/16', '172.16.0.0/12',
  '192.0.0.0/24', '192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16',
  '192.175.48.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
] as const; // prettier-ignore

/** Global unicast alone is open: mapped (::ffff:), NAT64, local, link-local and multicast addresses lie outside of it. */
const OPEN_6 = ['2000::/3'] as const;

/** Networks of a company's own (RFC 1918, RFC 6598, RFC 4193). */
const PRIVATE_4 = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'] as const;
const PRIVATE_6 = ['fc00::/7'] as const;

/** There too, never: who answers at these hands out a machine's credentials (Alibaba; AWS, Google). */
const METADATA_4 = ['100.100.100.200/32'] as const;
const METADATA_6 = ['fd00:ec2::/32', 'fd20:ce::/32'] as const;

/** Teredo, ORCHID and benchmarks; documentation; 6to4, which holds an IPv4 address that nobody would look at. */
const CLOSED_6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

/**
 * Makes the rule for addresses: public ones, private ones where that is asked for, and none of the machine's `own`, where
 * its other services listen. IPv4 and IPv6 have lists of their own: in one list, `::ffff:0:0/96` matches every IPv4 address.
 */
export function createIsPublic(own: readonly string[]): IsPublic {
  const never4 = blockList('ipv4', [...METADATA_4, ...own.filter(isIPv4).map((it) => `${it}/32`)]);
  const never6 = blockList('ipv6', [...METADATA_6, ...own.filter(isIPv6).map((it) => `${it}/128`)]);
  const private4 = blockList('ipv4', PRIVATE_4);
  const private6 = blockList('ipv6', PRIVATE_6);
  const closed4 = blockList('ipv4', CLOSED_4);
  const closed6 = blockList('ipv6', CLOSED_6);
  const open6 = blockList('ipv6', OPEN_6);

  return function isPublic(address, mayBePrivate = false) {
    // Node would take `fe80::1%eth0` for an address.
    if (!/^[0-9a-f.:]+$/iu.test(address)) return false;
    if (isIPv4(address)) {
      if (never4.check(address, 'ipv4')) return false;
      return mayBePrivate && private4.check(address, 'ipv4')
        ? true
        : !closed4.check(address, 'ipv4');
    }
    if (!isIPv6(address) || never6.check(address, 'ipv6')) return false;
    if (mayBePrivate && private6.check(address, 'ipv6')) return true;
    return open6.check(address, 'ipv6') && !closed6.check(address, 'ipv6');
  };
}

/** A machine gets and loses addresses while its gateway runs: `own` is asked again when its answer is this old. */
const OWN_MS = 1000;

/** The rule for a machine whose addresses change. */
export function createIsPublicNow(own: () => readonly string[], now: () => number): IsPublic {
  let until = -Infinity;
  let isPublic = createIsPublic([]);
  return function isPublicNow(address, mayBePrivate) {
    if (now() >= until) {
      isPublic = createIsPublic(own());
      until = now() + OWN_MS;
    }
    return isPublic(address, mayBePrivate);
  };
}

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/');
    list.addSubnet(address.replace(/%.*$/u, ''), Number(bits), family);
  }
  return list;
}
