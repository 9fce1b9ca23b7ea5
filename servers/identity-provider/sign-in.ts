/** A browser without windows: keeps cookies, fills in the form, and returns where it was sent back to. */
export async function signIn(
  first: URL,
  who: { readonly user: string; readonly password: string },
): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = first;
  let body: URLSearchParams | undefined;
  for (let steps = 0; steps < 10; steps++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(body && { method: 'POST', body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(line) ?? [];
      cookies.set(name, value);
    }
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (location === null && (response.status !== 200 || body))
      throw new Error(`Cannot sign in: status ${response.status}`);
    body = location === null ? new URLSearchParams(who) : undefined;
    url = new URL(location ?? url, url);
    if (url.origin !== first.origin) return url;
  }
  throw new Error('Cannot sign in: too many redirects');
}
