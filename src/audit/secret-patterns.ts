/**
 * Well-known forms of credentials. Each is linear in its input and never crosses a double quote, so that replacing
 * inside a line of JSON leaves JSON.
 */
const PATTERNS = {
  pem: String.raw`-----BEGIN [A-Z0-9 ]{1,40}-----[^"]*?(?:-----END [A-Z0-9 ]{1,40}-----|$|(?<!\\)(?=\\*"))`,
  jwt: String.raw`\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}`,
  bearer: String.raw`\b(?:[Bb]earer|BEARER|DPoP)\s+[\w.~+/=-]{8,}`,
  basic: String.raw`\b[Bb]asic\s+[\w+/=-]{16,}`,
  apikey: String.raw`\b(?:sk-|[rsp]k_(?:live|test)_|hf_|npm_|glpat-|dop_v1_|shpat_|SG\.|AGE-SECRET-KEY-)[\w.-]{16,}`,
  github: String.raw`\b(?:gh[pousr]_|github_pat_)\w{16,}`,
  slack: String.raw`\bx(?:ox[abeoprs]|app)-[\w-]{10,}`,
  aws: String.raw`\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b`,
  google: String.raw`\b(?:AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})`,
  url: String.raw`(?<=:\/\/)[^\s/@:"\\]{0,256}:[^\s/@"\\]{1,512}(?=@)`,
  assignment: String.raw`\b(?:pass(?:word|wd|phrase)|secret|api[-_]?key|access[-_]?key|(?:access|refresh|id|auth)[-_]?token|client[-_]?secret)["']?\s{0,4}[=:]\s{0,4}[^\s"'&,;\\]{4,}`,
} as const satisfies Record<string, string>;

export const SECRET_PATTERN = new RegExp(
  Object.entries(PATTERNS)
    .map(([kind, source]) => `(?<${kind}>${source})`)
    .join('|'),
  'g',
);

/** Each kind by itself, for who has to know them all: one credential may stand inside another, as a key behind `password=`. */
export const SECRET_KINDS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries(PATTERNS).map(([kind, source]) => [kind, new RegExp(source)]),
);

/** Names of fields whose value is a credential whatever it looks like. */
export const SECRET_NAME =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|.*(?:passw(?:or)?d|passphrase|secret|credential|private[-_]?key|api[-_]?key|access[-_]?key|(?:^|[-_a-z])token)|pwd)$/i;
