/** Matches URIs against RFC 6570 templates of levels 1 to 3, without backtracking: both sides are somebody else's. */

export type UriTemplate = {
  readonly template: string;
  /** Whether the template could have made this URI. */
  matches(uri: string): boolean;
};

/** A piece of a template: text that must stand there, or a run of characters of a class, perhaps with a prefix. */
type Piece =
  | { readonly literal: string }
  | { readonly prefix: string; readonly allowed: RegExp; readonly optional: boolean };

/** One path segment; raw characters outside URI syntax are let through, because SDK clients send them unescaped. */
const SEGMENT = /[^/?#\\\p{Cc}]/u;
const PATHS = /[^?#\\\p{Cc}]/u;
const QUERY = /[^#\\\p{Cc}]/u;
const ANYTHING = /[^\\\p{Cc}]/u;

/** RFC 6570 §3.2: what an operator puts first, and what may follow. */
const OPERATORS = {
  '': { prefix: '', allowed: SEGMENT, optional: false },
  '+': { prefix: '', allowed: ANYTHING, optional: false },
  '#': { prefix: '#', allowed: ANYTHING, optional: true },
  '.': { prefix: '.', allowed: SEGMENT, optional: true },
  '/': { prefix: '/', allowed: PATHS, optional: true },
  ';': { prefix: ';', allowed: SEGMENT, optional: true },
  '?': { prefix: '?', allowed: QUERY, optional: true },
  '&': { prefix: '&', allowed: QUERY, optional: true },
} as const;

const MAX_TEMPLATE = 2048;
const MAX_URI = 4096;
const MAX_EXPRESSIONS = 16;
const EXPRESSION =
  /^([+#./;?&]?)((?:\w|%[0-9A-Fa-f]{2})(?:[\w.-]|%[0-9A-Fa-f]{2})*(?::\d{1,4}|\*)?(?:,(?:\w|%[0-9A-Fa-f]{2})(?:[\w.-]|%[0-9A-Fa-f]{2})*(?::\d{1,4}|\*)?)*)$/u;

/** Reads a template; undefined when it is malformed, too long, or uses what RFC 6570 reserves. */
export function readUriTemplate(template: string): UriTemplate | undefined {
  if (template.length > MAX_TEMPLATE) return undefined;
  const pieces: Piece[] = [];
  let rest = template;
  while (rest !== '') {
    const open = rest.indexOf('{');
    const literal = open === -1 ? rest : rest.slice(0, open);
    if (literal.includes('}')) return undefined;
    if (literal !== '') pieces.push({ literal });
    if (open === -1) break;
    const close = rest.indexOf('}', open);
    const expression = EXPRESSION.exec(close === -1 ? '' : rest.slice(open + 1, close));
    if (expression === null) return undefined;
    pieces.push(OPERATORS[operatorOf(expression[1])]);
    rest = rest.slice(close + 1);
  }
  if (pieces.filter((piece) => 'prefix' in piece).length > MAX_EXPRESSIONS) return undefined;
  return { template, matches: (uri) => isPlainPath(uri) && canMatch(pieces, uri) };
}

function operatorOf(text: string | undefined): keyof typeof OPERATORS {
  for (const operator of ['+', '#', '.', '/', ';', '?', '&'] as const)
    if (operator === text) return operator;
  return '';
}

/**
 * `file:///work/{+path}` is accepted for what is under `/work`; a URI that climbs out with dot segments (also escaped,
 * also after an escaped slash) is not an instance of it.
 */
function isPlainPath(uri: string): boolean {
  const path = uri.replaceAll(/%2e/giu, '.').replaceAll(/%2f|%5c|\\/giu, '/');
  return uri.length <= MAX_URI && !/(?:^|[/:])\.{1,2}(?:[/?#;]|$)/u.test(path);
}

/** All positions reachable after each piece; linear in the URI per piece. */
function canMatch(pieces: readonly Piece[], uri: string): boolean {
  let reached = new Set([0]);
  for (const piece of pieces) {
    reached =
      'literal' in piece
        ? afterLiteral(reached, piece.literal, uri)
        : afterRun(reached, piece, uri);
    if (reached.size === 0) return false;
  }
  return reached.has(uri.length);
}

function afterLiteral(from: ReadonlySet<number>, literal: string, uri: string): Set<number> {
  const next = new Set<number>();
  for (const at of from) if (uri.startsWith(literal, at)) next.add(at + literal.length);
  return next;
}

function afterRun(
  from: ReadonlySet<number>,
  { prefix, allowed, optional }: Exclude<Piece, { literal: string }>,
  uri: string,
): Set<number> {
  const next = new Set(optional ? from : []);
  let inRun = false;
  for (let at = 0; at <= uri.length; at++) {
    if (inRun && at > 0) {
      inRun = allowed.test(uri.charAt(at - 1));
      if (inRun) next.add(at);
    }
    const start = at - prefix.length;
    if (from.has(start) && uri.startsWith(prefix, start)) {
      inRun = true;
      if (optional) next.add(at);
    }
  }
  return next;
}
