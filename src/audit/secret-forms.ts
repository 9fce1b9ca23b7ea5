const SHORTEST = 4;

/** The shapes in which one of the secrets may turn up: as it is, escaped, and encoded; longest first. */
export function secretForms(secrets: readonly string[]): string[] {
  const forms = new Set(secrets.filter((secret) => secret.length >= SHORTEST).flatMap(formsOf));
  return [...forms].toSorted((a, b) => b.length - a.length);
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const escaped = JSON.stringify(secret).slice(1, -1);
  const percent = encodeURIComponent(bytes.toString('utf8'));
  return [
    secret,
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    percent,
    percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    percent.replaceAll('%20', '+'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...insideBase64(bytes),
  ].filter((form) => form.length >= SHORTEST);
}

/**
 * In base64 of a longer text (`user:secret`) the secret starts at one of three offsets; the characters that depend on
 * it alone are the same wherever it stands.
 */
function insideBase64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    const start = Math.ceil((offset * 8) / 6);
    const end = Math.floor((shifted.length * 8) / 6);
    const inner = shifted.toString('base64').slice(start, end);
    // Shorter ones would hit ordinary text.
    if (inner.length < 6) return [];
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
