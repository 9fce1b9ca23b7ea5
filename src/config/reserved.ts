/** Servers of the gateway's own. */
const OWN: ReadonlySet<string> = new Set(['sallyport', 'code']);

/**
 * Whether a server of this name could pass for one of the gateway's own, or for the gateway itself where a question says
 * who asks. Names are ASCII, so there are few letters that look like others.
 */
export function isReserved(name: string): boolean {
  const seen = name
    .replaceAll(/[1I]/gu, 'l')
    .replaceAll('0', 'o')
    .replaceAll('5', 's')
    .toLowerCase()
    .replaceAll(/[^a-z]/gu, '');
  return OWN.has(name.toLowerCase()) || seen.includes('sallyport');
}
