/** What the words of one name or sentence say. */
import type { CapabilityClass } from '../call.ts';
import { CREDENTIALS, KEY_PHRASE, OBJECTS, OUTSIDE, VERBS, VERBS_OR_NOUNS, fold } from './words.ts';

export type Evidence = {
  readonly tokens: readonly string[];
  readonly classes: ReadonlySet<CapabilityClass>;
  readonly verbs: readonly string[];
  /** Whether a word said what the tool does. */
  readonly recognised: boolean;
  /** Whether letters outside ASCII are left that no word explains: look-alikes, or a language nobody listed. */
  readonly foreign: boolean;
};

const NOT_ASCII = /\P{ASCII}/u;
const LINKS: ReadonlySet<string> = new Set([
  'and',
  'or',
  'then',
  'und',
  'oder',
  'y',
  'et',
  'ou',
  'e',
]);

/** Reads a tool's name: camelCase, snake_case, kebab-case, dotted, or a script without word breaks. */
export function readName(name: string): Evidence {
  const tokens = tokenise(name.replaceAll(/check[-_. ]?(in|out)(?![a-z])/giu, 'check$1'));
  const classes = new Set<CapabilityClass>();
  const verbs: string[] = [];
  let foreign = false;
  /** The verb position is open until a verb was seen; a link word opens it again. */
  let open = true;
  for (const token of tokens) {
    // `open_message` reads, `open_ticket` writes: nobody knows, and the noun behind it is no verb.
    if (token === 'open') open = false;
    const found =
      VERBS.get(token) ?? joined(token) ?? (open ? VERBS_OR_NOUNS.get(token) : undefined);
    if (LINKS.has(token)) open = true;
    else if (found !== undefined) {
      for (const capability of found) if (capability !== 'read' || open) classes.add(capability);
      verbs.push(token);
      open = false;
    } else if (NOT_ASCII.test(token)) foreign = !readUnbroken(token, classes) || foreign;
    if (OUTSIDE.has(token)) classes.add('external_communication');
  }
  addObjects(tokens, classes);
  if (namesCredential(tokens)) classes.add('credential_access');
  const recognised =
    verbs.length > 0 || [...classes].some((found) => found !== 'external_communication');
  return { tokens, classes, verbs, recognised, foreign };
}

function addObjects(tokens: readonly string[], classes: Set<CapabilityClass>): void {
  const changes = classes.has('write') || classes.has('external_communication');
  for (const token of tokens)
    for (const found of OBJECTS.get(token) ?? [])
      if (changes || (found === 'financial' && classes.has('destructive'))) classes.add(found);
}

/** Parts of a name; where camelCase split a part, the whole part too, so that `dElete` is still read. */
function tokenise(name: string): string[] {
  const tokens: string[] = [];
  for (const part of name.slice(0, 512).split(/[^\p{L}\p{N}\p{M}]+/u)) {
    const pieces = part
      .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
      .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
      .replaceAll(/(\p{L})(\p{N})/gu, '$1 $2')
      .split(' ')
      .map((piece) => fold(piece))
      .filter(Boolean);
    const whole = fold(part);
    if (pieces.length > 1 && VERBS.has(whole)) tokens.push(whole);
    tokens.push(...pieces);
  }
  return tokens;
}

const LONG_VERBS = [...VERBS].filter(
  ([verb, classes]) =>
    /^[a-z]+$/u.test(verb) &&
    !classes.includes('read') &&
    (verb.length >= 6 ||
      ['drop', 'exec', 'eval', 'write', 'erase', 'send', 'purge'].includes(verb)),
);
const INFLECTIONS =
  /^(?:[a-z]{0,2}|ing|ions?|able|ments?|ings|ers|ors|ables?|down|box|grid|uat[a-z]+)$/u;

/** `deletefile`, `sendmessage`: words run together. Only ever raises. */
function joined(token: string): readonly CapabilityClass[] | undefined {
  for (const [verb, classes] of LONG_VERBS)
    if (token.startsWith(verb) && !INFLECTIONS.test(token.slice(verb.length))) return classes;
  return undefined;
}

const UNBROKEN = [...VERBS].filter(([verb]) => NOT_ASCII.test(verb));

/** Chinese, Japanese, Korean: verbs inside a run of letters. Whether any was found. */
function readUnbroken(token: string, classes: Set<CapabilityClass>): boolean {
  const found = UNBROKEN.filter(([verb]) => token.includes(verb));
  for (const [, capabilities] of found)
    for (const capability of capabilities) classes.add(capability);
  return found.length > 0;
}

function namesCredential(tokens: readonly string[]): boolean {
  return (
    tokens.some((token) => CREDENTIALS.has(token)) ||
    KEY_PHRASE.test(tokens.join(' ')) ||
    tokens.some((token) =>
      /^(?:get|print|read|list|show|dump)(?:env|secrets?|tokens?)$/u.test(token),
    )
  );
}

/**
 * Reads the first sentence of a description. Verbs count at its start, after `and`, `or`, a comma, and after `to` where it
 * explains a use. Only raises: `read` is never found here.
 */
export function readSentence(sentence: string): Set<CapabilityClass> {
  const classes = new Set<CapabilityClass>();
  const explains = /^(?:use|used|allows?|lets?|enables?|(?:a|this|the)?\s*tool)\b/iu.test(sentence);
  let open = true;
  for (const piece of fold(sentence).match(/[\p{L}\p{N}]+|,/gu) ?? []) {
    if (piece === ',' || piece === 'which' || LINKS.has(piece) || (explains && piece === 'to'))
      open = true;
    else if (open && !piece.endsWith('ly')) {
      for (const found of verbOf(piece)) if (found !== 'read') classes.add(found);
      open = false;
    }
  }
  if (
    /\benvironment variables?\b|\bpasswords?\b|\bcredentials?\b|\bsecrets?\b|\baccess tokens?\b/iu.test(
      sentence,
    ) ||
    KEY_PHRASE.test(fold(sentence))
  )
    classes.add('credential_access');
  return classes;
}

/** `Deletes` and `delete` are one verb. */
function verbOf(word: string): readonly CapabilityClass[] {
  return (
    VERBS.get(word) ??
    VERBS.get(word.replace(/s$/u, '')) ??
    VERBS.get(word.replace(/es$/u, '')) ??
    []
  );
}
