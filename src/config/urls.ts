/** Whether it is the URL of a web server, without a user in it, that `accept` accepts. */
export function isUrl(value: string, accept: (url: URL) => boolean): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  return web && url.username === '' && url.password === '' && accept(url);
}

/** Whether a URL is `below`, or a folder above it on the same server. */
export function isAbove(above: string, below: string): boolean {
  if (!URL.canParse(above) || !URL.canParse(below)) return true;
  const [upper, lower] = [new URL(above), new URL(below)];
  const folder = upper.pathname.endsWith('/') ? upper.pathname : `${upper.pathname}/`;
  return upper.origin === lower.origin && `${lower.pathname}/`.startsWith(folder);
}
