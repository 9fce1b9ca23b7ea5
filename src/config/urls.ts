/** Whether it is the URL of a web server, without a user in it, that `accept` accepts. */
export function isUrl(value: string, accept: (url: URL) => boolean): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  return web && url.username === '' && url.password === '' && accept(url);
}

/** Whether nobody on the way can read or change what is fetched there. */
export function isConfidential(url: URL): boolean {
  return (
    url.protocol === 'https:' || /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u.test(url.hostname)
  );
}
