import { matches } from './view.ts';

/**
 * What is said around quotations. A frame that tells of an attack only reports it: it orders nothing, speaks to nobody, and
 * vouches for nothing. Asked the other way round, because there are more ways to point at a sentence than patterns for them.
 */

/** Where a quotation stood in the words around it. */
export const HERE = '\ufffc';

/** Something that makes the reader act on what is quoted, and words that nobody here knows. */
const ORDERS = [
  // To do what is quoted, or what stands there.
  /(?<![\p{L}]|(?:not|never|may|might|could|would|or|and|that|who|which|n't) )(?:do(?! not)|follow|execute|obey|apply|perform|complete|carry|comply|act|adhere|honou?r|proceed|start|begin|continue|take|treat|run|use|respond|reply|answer|fulfil|fulfill|handle|implement|make|go|process|finish|focus|feed|embed)(?![\p{L}])[^.!?\n\ufffc]{0,40}?(?:\ufffc|(?<![\p{L}])(?:above|ahead|below|quot\w{1,8}|sa(?:id|ys)|states|stated|verbatim|written|instructions?|command|orders?|directive|request|sentence|it|so|them|this|that|literally|seriously)(?![\p{L}]))/giu,
  /(?<![\p{L}])(?:must|should|shall|is to|are to|needs? to|has to|have to|waits? to|to) be (?:\w+ed|run|done)(?![\p{L}])/giu,
  /[^\p{ASCII}\P{L}]/gu,
] as const;

/** To whom it speaks, for whom, and that it is no attack after all. */
const SPEAKS = [
  /(?<![\p{L}]|(?:if|when|before|once|while|after|lets?|helps?|allows?) )you(?!['’]ll|\p{L}| (?:can|could|may|might|will|would)(?![\p{L}]))|(?<![\p{L}])(?:yours|yourself|please|kindly|let's|let us)(?![\p{L}])/giu,
  /(?<![\p{L}])your (?:\w+ )?(?:task|goal|job|order|instruction|mission|objective|turn|user|owner|operator)s?(?![\p{L}])/giu,
  /(?<![\p{L}])(?:applies|apply|addressed|meant|intended|directed|is|are) (?:to|for|at) the (?:assistant|agent|model|reader|ai)(?![\p{L}])/giu,
  /(?<![\p{L}])(?:assistant|model|agent|ai|llm)(?![\p{L}])[^.!?\n]{0,20}?(?<![\p{L}])(?:must|shall|have to|has to|needs? to)(?![\p{L}])/giu,
  /(?<![\p{L}])(?:i|we|team|they) (?:\w{1,12} )?(?:want|need|expect|ask|require)(?:s|ed)?(?![\p{L}])/giu,
  /(?<![\p{L}])(?:is|are|was|were|and) (?:\w{1,12} )?(?:real|genuine|valid|binding|in force|authoritative|legitimate|approved|authori[sz]ed|confirmed|waiting|pending|due|not a drill|no drill|no example)(?![\p{L}])/giu,
  /(?<![\p{L}])false (?:positive|alarm)(?![\p{L}])|(?<![\p{L}])(?:the|this|by|from|your|our|account|real) (?:user|owner|operator|customer|person|boss)(?:s|'s)? (?:\w{1,12} )?(?:wrote|said|asked|asks|sent|wants?|needs?|means?|meant|confirmed)(?![\p{L}])|(?<![\p{L}])(?:from|by) the (?:\w{1,12} )?(?:user|owner|operator|customer|boss)(?![\p{L}])/giu,
] as const;

/** A stretch of words between two stops; a quotation ends one. */
const CLAUSE = /[^.!?;:,|\n\ufffc]+\ufffc?|\ufffc/g;
const WORD = /[A-Za-z']+/g;
const LEADING = /^(?:and|or|then|so|but|also|now|just|yet|still|only)$/i;
/** A clause that begins with one of these reports, and so does one that begins with "attackers", "written" or "using". */
const REPORTS =
  /^(?:the|an?|th[ei]se|this|that|those|it|its|he|she|they|we|our|one|some|many|most|few|all|any|each|every|no|none|not|such|other|another|both|in|on|at|for|from|with|without|within|by|of|to|as|into|over|under|between|during|after|before|because|although|though|while|when|where|whether|if|unless|until|since|than|like|what|how|why|which|who|whose|there|here|i|is|are|was|were|can|could|may|might|will|would|never|often|attacker|someone|anyone|nobody|def|const|var|return|import|assert|e|g|more|[a-z]|.*(?:[^s]s|[^e]ed|.{3}ing))$/i;
/** What a clause that orders would point with. */
const POINTER =
  /(?<![A-Za-z])(?:it|this|these|those|them|so|above|below|ahead|quot\w*)(?![A-Za-z])|(?<![A-Za-z])that(?= *$)|(?<=(?<![A-Za-z])(?:with|to|for|by|of|on) )that(?![A-Za-z])|(?<![[({=:"] ?)\ufffc/i;

/** One of these is in most stretches of three words of English, and in few of another language. */
const ENGLISH =
  /(?<![A-Za-z])(?:the|an?|and|of|to|with|for|from|by|are|be|been|has|have|not|can|may|might|should|would|could|it|its|this|that|these|which|how|what|when|where|attack\w*|example\w*|prompt|injection|jailbreak|malicious|def|const|self|return|import|assert|text|string)(?![A-Za-z])/i;
const SENTENCE = 3;

/** Whether words that stand around quotations do more than report them. Linear. */
export function isPointing(voice: string): boolean {
  return SPEAKS.some((pattern) => hits(pattern, voice)) || refers(voice) || isForeign(voice);
}

/** Whether a text orders what something else says; an attack that is quoted speaks to somebody, and this it rarely does. */
export function refers(text: string): boolean {
  if (ORDERS.some((pattern) => hits(pattern, text))) return true;
  for (const { 0: clause } of matches(text, CLAUSE)) {
    if (!POINTER.test(clause)) continue;
    const first = (clause.match(WORD) ?? []).find((word) => !LEADING.test(word));
    if (first !== undefined && !REPORTS.test(first)) return true;
  }
  return false;
}

/** In another language nobody here can tell a report from an order. */
function isForeign(text: string): boolean {
  for (const { 0: clause } of matches(text, CLAUSE))
    if ((clause.match(WORD) ?? []).length >= SENTENCE && !ENGLISH.test(clause)) return true;
  return false;
}

function hits(pattern: RegExp, text: string): boolean {
  return !matches(text, pattern).next().done;
}
