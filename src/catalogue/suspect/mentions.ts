import type { JsonObject } from '../../lib/json.ts';
import { pointerOf, stringsOf } from '../../scan/strings.ts';
import { foldName, latin } from './fold-name.ts';

/** A word of a definition that could be the name of a tool. */
export type Mention = {
  /** The name as `foldName` writes it. */
  readonly folded: string;
  /** The same with its separators, for words that only as written are a name; absent where the text calls it a tool. */
  readonly written?: string;
  /** The server in front of it, folded, where one is written: `files__read_file`, `files/read_file`. */
  readonly server: string | undefined;
  readonly pointer: string;
  /** Whether the text around it says how to behave. */
  readonly steers: boolean;
};

/** Names of several parts; a slash, two underscores or a dot may have a server in front. */
const COMPOUND =
  /(?<![\w/.-])[A-Za-z][A-Za-z0-9]*(?:(?:__|[_/.-])[A-Za-z0-9]+)+|(?<![A-Za-z0-9])[a-z]+(?:[A-Z][a-z]*)+/g;
/** A single word is a name only where the text says so. */
const CALLED_TOOL =
  /(?<![\w-])(?:(?:tool|function) (?:(?:named|called)[: ]{1,2}[`'"“*]{0,2}|[`'"“*]{1,2})|(?:calling|call|invoke|invoking) [`'"“*]{1,2})([A-Za-z][A-Za-z0-9]{2,40})(?![\w-])/gi;
const TOOL = /[`'"”*]{0,2} (?:tool|function)s?(?!\w)/gi;
/** What stands before it: up to four words, or one in quotation marks or behind an article. */
const WORDS_BEFORE = /(?<![\w/.-])(?:[A-Za-z][A-Za-z0-9]{1,30} ){1,3}[A-Za-z][A-Za-z0-9]{1,30}$/;
const WORD_BEFORE = /(?:[`'"“*]|(?<![A-Za-z])the )([A-Za-z][A-Za-z0-9]{2,30})$/i;
const LONGEST_BEFORE = 128;
const STEERS =
  /\b(?:must|always|never|instead|rather than|before|after|prior to|do not|don't|first|should|whenever|every time|each time|replace[sd]?|supersede[sd]?|deprecated|override[sd]?|only use|required|is (?:broken|disabled|unsafe|outdated|unavailable)|recipient|bcc|has to|have to|need to|ignore|avoid|prefer|stop using|when(?:ever)? (?:you |the )?(?:call|use|using|calling|\w+ is (?:called|used|invoked)))\b/i;
const NEAR = 160;
/** No name is longer; a path of a megabyte is none. */
const MAX_WRITTEN = 200;

const known = new WeakMap<JsonObject, readonly Mention[]>();

/** The words of a definition that could name a tool, its own name and the keys of its schemas apart. Linear in its size. */
export function mentionsOf(definition: JsonObject): readonly Mention[] {
  const before = known.get(definition);
  if (before !== undefined) return before;
  const found = new Map<string, Mention>();
  for (const { place, text: original, key } of stringsOf(definition)) {
    const pointer = pointerOf(place);
    const text = latin(original);
    if (key || pointer === '/name' || pointer === '/title') continue;
    for (const [start, end, written, isCalled] of candidates(text)) {
      if (written.length > MAX_WRITTEN) continue;
      const steers = STEERS.test(text.slice(Math.max(0, start - NEAR), end + NEAR));
      for (const [server, name] of readings(written)) {
        const folded = foldName(name);
        const mention = {
          folded,
          ...(isCalled ? {} : { written: spelling(name) }),
          server,
          pointer,
          steers,
        };
        const id = `${server ?? ''} ${mention.written ?? ''} ${folded}`;
        if (steers || !found.has(id)) found.set(id, mention);
      }
    }
  }
  const mentions = [...found.values()];
  if (Object.isFrozen(definition)) known.set(definition, mentions);
  return mentions;
}

type Candidate = readonly [start: number, end: number, written: string, isCalled: boolean];

function* candidates(text: string): Generator<Candidate> {
  for (const { index, 0: word } of text.matchAll(COMPOUND))
    yield [index, index + word.length, word, false];
  for (const { index, 0: all, 1: word = '' } of text.matchAll(CALLED_TOOL))
    yield [index, index + all.length, word, true];
  for (const { index, 0: all } of text.matchAll(TOOL)) {
    const before = text.slice(Math.max(0, index - LONGEST_BEFORE), index);
    const single = WORD_BEFORE.exec(before)?.[1];
    if (single !== undefined) yield [index, index + all.length, single, true];
    const words = WORDS_BEFORE.exec(before)?.[0].split(' ') ?? [];
    // Of "use the read file tool" each tail may be the name.
    for (let from = 0; from < words.length - 1; from++)
      yield [index, index + all.length, words.slice(from).join(' '), true];
  }
}

/** As written, but for case: the option `git-diff` of one program is not the tool `git_diff` of another. */
export function spelling(name: string): string {
  return latin(name).toLowerCase();
}

/** A written name as it stands, and with each of its fronts as a server. */
function readings(written: string): (readonly [string | undefined, string])[] {
  const read: (readonly [string | undefined, string])[] = [[undefined, written]];
  for (const { index, 0: separator } of written.matchAll(/__|[/.]/gu)) {
    const front = written.slice(0, index).replace(/^mcp__/u, '');
    read.push([foldName(front), written.slice(index + separator.length)]);
  }
  return read;
}
