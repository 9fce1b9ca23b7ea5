import { CLASSES } from '../call.ts';
import type { CapabilityClass, Label } from '../call.ts';
import { isJsonObject } from '../lib/json.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';
import { DEFINITION_KINDS, definitionId } from './definition.ts';
import type { Kind } from './definition.ts';
import { readName, readSentence } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { ADDITIVE, BRINGS, CREDENTIALS, QUIET, STORED, VERBS, fold } from './words.ts';

/** What a person is asked to confirm; never more than a guess about a server's own words. */
export type Proposal = {
  readonly classes: readonly CapabilityClass[];
  /** 0 public, 1 internal, 2 private, 3 secret; 0 is only ever given by a person. */
  readonly dataClass: number;
  readonly source: readonly Label[];
  readonly sink: readonly string[];
};

const SINKS = {
  external_communication: ['external'],
  destructive: ['destroy'],
  financial: ['pay'],
  code_execution: ['code'],
  // Nobody knows what it does, so it may do everything.
  unclassified: ['code', 'destroy', 'external', 'pay'],
  read: [],
  write: [],
  credential_access: [],
} as const satisfies Record<CapabilityClass, readonly string[]>;

/**
 * Guesses classes and labels from name, annotations, schema and description. A liar can only make things worse for
 * itself: what it says about itself raises the risk, and lowers it only where the name says the same.
 */
export function propose(kind: Kind, definition: JsonObject): Proposal {
  const classes = new Set<CapabilityClass>();
  if (DEFINITION_KINDS[kind].subject === 'resource')
    classifyUri(definitionId(kind, definition), classes);
  else if (DEFINITION_KINDS[kind].subject === 'prompt') classes.add('read');
  else classifyTool(definition, classes);
  // A policy that permits `read` must not permit what does more than read.
  if (classes.size > 1) classes.delete('read');
  const id = definitionId(kind, definition);
  const text = words(`${id} ${firstSentence(definition)} ${resultNames(definition).join(' ')}`);
  const isPrivate = holdsStored(kind, text) && (returnsContent(classes, text) || isNoun(id));
  const isSecret = classes.has('credential_access');
  const source = new Set<Label>();
  if (isPrivate) source.add('private');
  if (isSecret) source.add('secret');
  if (isOpenWorld(definition) || holdsStored(kind, text)) source.add('untrusted');
  return {
    classes: CLASSES.filter((name) => classes.has(name)),
    dataClass: isSecret ? 3 : isPrivate ? 2 : 1,
    source: [...source].toSorted(),
    sink: [...new Set([...classes].flatMap((name) => SINKS[name]))].toSorted(),
  };
}

function classifyTool(definition: JsonObject, classes: Set<CapabilityClass>): void {
  const name = readName(definitionId('tool', definition));
  for (const found of name.classes) classes.add(found);
  for (const found of readSentence(firstSentence(definition))) classes.add(found);
  for (const found of schemaClasses(definition)) classes.add(found);
  if (![...classes].some((found) => CHANGES.has(found)) && argumentsOf(definition).some(isWhere))
    classes.add('external_communication');
  applyAnnotations(definition, name, classes);
  // An address or a description says what else it does, not what the unknown verb does.
  if (!name.recognised && !isQuiet(definition, name)) classes.add('unclassified');
  if (name.foreign || classes.size === 0) classes.add('unclassified');
}

function applyAnnotations(
  definition: JsonObject,
  name: Evidence,
  classes: Set<CapabilityClass>,
): void {
  const { readOnlyHint, destructiveHint, openWorldHint } = hints(definition);
  if (readOnlyHint === true && isQuiet(definition, name)) classes.add('read');
  if (readOnlyHint === false && ![...classes].some((found) => CHANGES.has(found)))
    classes.add('write');
  const additive = name.verbs.some((verb) => ADDITIVE.has(verb));
  // MCP: a tool that says it changes things and says no more is destructive.
  const byDefault = readOnlyHint === false && destructiveHint !== false && !additive;
  if (destructiveHint === true || byDefault) classes.add('destructive');
  if (openWorldHint === true) classes.add('external_communication');
}

const CHANGES: ReadonlySet<CapabilityClass> = new Set([
  'write',
  'destructive',
  'financial',
  'code_execution',
]);

function hints(definition: JsonObject): JsonObject {
  return isJsonObject(definition['annotations']) ? definition['annotations'] : {};
}

function isQuiet(definition: JsonObject, name: Evidence): boolean {
  const isSafe = hints(definition)['readOnlyHint'] === true;
  return isSafe && name.tokens.some((token) => QUIET.has(token));
}

function isOpenWorld(definition: JsonObject): boolean {
  return hints(definition)['openWorldHint'] !== false;
}

/** Arguments that carry code, an address or a sum say more than the name. */
const ARGUMENTS: readonly (readonly [CapabilityClass, RegExp])[] = [
  [
    'code_execution',
    /^(?:(?:\w+_)?(?:sql|script|commands?|cmd)|code|source_?code|snippet|shell|bash|javascript|js|python|expression|program|statements?|function|sql_?query|raw_?query)$/u,
  ],
  [
    'external_communication',
    /^(?:urls?|href|endpoint|webhook(?:_?url)?|recipients?|cc|bcc|to_?email|(?:e?mail|send|deliver|forward|notify|report|share)_(?:to|with))$/u,
  ],
];
/** What only reads goes to where such an argument says. */
const WHERE =
  /^(?:(?:\w+_)?(?:urls?|uris?|links?)|address(?:es)?|domains?|domain_names?|hosts?|host_?names?|web_?sites?|web_?pages?)$/u;
const QUERY_LANGUAGE =
  /\b(?:sql|graphql|cypher|sparql|kql|promql|javascript|python|shell|bash)\b/iu;

/** Names of arguments in one spelling, `imageUrl` as `image_url`, with their schemas. */
function argumentsOf(definition: JsonObject): [name: string, schema: JsonValue | undefined][] {
  const schema = definition['inputSchema'];
  const properties = isJsonObject(schema) ? schema['properties'] : undefined;
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).map(([key, property]) => [
    fold(
      key
        .slice(0, 512)
        .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1_$2')
        .replaceAll('-', '_'),
    ),
    property,
  ]);
}

const isWhere = ([name]: readonly [string, unknown]): boolean => WHERE.test(name);

function schemaClasses(definition: JsonObject): CapabilityClass[] {
  const found: CapabilityClass[] = [];
  const properties = argumentsOf(definition);
  const names = properties.map(([name]) => name);
  for (const [name, property] of properties) {
    for (const [capability, pattern] of ARGUMENTS) if (pattern.test(name)) found.push(capability);
    if (!isJsonObject(property)) continue;
    if (property['format'] === 'uri' || property['format'] === 'url')
      found.push('external_communication');
    if (name === 'query' && isQueryLanguage(definition, property)) found.push('code_execution');
  }
  if (
    names.includes('amount') &&
    names.some((name) => /^(?:currency|recipient|payee|account|iban)/u.test(name))
  )
    found.push('financial');
  return found;
}

function isQueryLanguage(definition: JsonObject, property: JsonObject): boolean {
  return [definition['name'], definition['description'], property['description']].some(
    (text) => typeof text === 'string' && QUERY_LANGUAGE.test(text.replaceAll(/[_-]/gu, ' ')),
  );
}

function classifyUri(uri: string, classes: Set<CapabilityClass>): void {
  classes.add('read');
  const text = words(uri);
  if (text.some((word) => CREDENTIALS.has(word)) || /\.ssh\/|id_rsa|id_ed25519|\.pem\b/iu.test(uri))
    classes.add('credential_access');
  // A template that lets the caller choose the host is a way out.
  if (/^(?:\{|(?:https?|wss?|ftp):\/\/[^/]*\{)/iu.test(uri)) classes.add('external_communication');
}

const STORED_SCHEMES =
  /^(?:file|postgres(?:ql)?|mysql|sqlite|mongodb|imap|mailto|gdrive|memory|note|screen):/iu;

function holdsStored(kind: Kind, text: readonly string[]): boolean {
  if (DEFINITION_KINDS[kind].subject === 'prompt') return false;
  return text.some((word) => STORED.has(word)) || STORED_SCHEMES.test(`${text[0] ?? ''}:`);
}

const RETURNS = ['read', 'code_execution', 'credential_access', 'unclassified'] as const;

/** Whether results bring content rather than a confirmation; labelling every `written` as private would ask for nothing. */
function returnsContent(classes: ReadonlySet<CapabilityClass>, text: readonly string[]): boolean {
  return RETURNS.some((name) => classes.has(name)) || text.some((word) => BRINGS.has(word));
}

/** `order_status` tells, though there are orders that are given: a noun without a verb of its own. */
function isNoun(name: string): boolean {
  const tokens = words(name);
  return QUIET.has(tokens.at(-1) ?? '') && !tokens.some((token) => VERBS.has(token));
}

const MAX_NAMES = 500;

/** Names of what a tool says it returns, at any depth; the first 500 of them. */
function resultNames(definition: JsonObject): string[] {
  const names: string[] = [];
  const rest: (JsonValue | undefined)[] = [definition['outputSchema']];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (!isJsonObject(next)) continue;
    const { properties, items } = next;
    rest.push(items);
    for (const [name, inner] of Object.entries(isJsonObject(properties) ? properties : {})) {
      if (names.push(name) === MAX_NAMES) return names;
      rest.push(inner);
    }
  }
  return names;
}

function words(text: string): string[] {
  return fold(text.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2'))
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** At most 300 characters of the first sentence. */
function firstSentence(definition: JsonObject): string {
  const description: JsonValue | undefined = definition['description'];
  if (typeof description !== 'string') return '';
  return (/^[^.!?\n]*/u.exec(description.trim().slice(0, 300)) ?? [''])[0];
}
