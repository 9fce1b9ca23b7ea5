import { pointerOf, type Piece } from '../../scan/strings.ts';
import type { Suspicion } from './suspicion.ts';

/** What a model knows and a tool has no part in. */
const CONTEXT =
  /\b(?:(?:conversation|chat|dialogue|session|message|interaction)(?:'s)? (?:history|so far|log|transcript|context)|(?:whole|entire|full|complete|current|previous|prior|our|the) (?:conversation|dialogue|chat|chat history|transcript|context window)|(?:previous|prior|earlier|all|last|recent) (?:user |chat |conversation )?(?:messages|turns|prompts)|system (?:prompt|message|instructions)|(?:your|hidden|original|developer|initial) (?:instructions|prompt|system prompt|guidelines)|(?:all|every|other|available|connected) (?:of )?(?:the |your )?(?:available |other |connected )?tools|chain[- ]of[- ]thought|(?:your|full|internal) reasoning|(?:output|results?|answers?|contents?) of (?:the |any |all )?(?:previous|other|earlier|last) (?:tool|call|tools|calls)|(?:users?'?s?|the) (?:secrets?|passwords?|credentials|api keys?|tokens|environment variables|private keys?|ssh keys?)|environment variables|contents? of (?:the file |file |the )?["'`]?(?:~|\/|\$|\.{1,2}\/|[\w-]*\.(?:env|pem|key|json)\b|id_rsa|mcp\.json|\.ssh|\.env|\.aws))/giu;
/** That it shall be handed over. */
const HAND_OVER =
  /\b(?:include|pass|provide|insert|put|paste|copy|append|add|attach|send|fill(?: in)?|supply|write|place|share|embed|encode|forward|record|enter|set|store|use|must (?:be|contain|hold|include)|should (?:be|contain|hold|include)|contains?|populate|summari[sz]e|dump|quote|repeat)\b/iu;
/** What is said so that it looks harmless, or so that the model does it whatever the person asked. */
const PRETEXT =
  /\b(?:must|always|never|required|mandatory|ensure|make sure|before (?:calling|using|you (?:call|use)|running)|first read|otherwise|will (?:not work|fail)|won't work|do not (?:tell|mention|show|omit|skip)|don't (?:tell|mention|show|omit|skip)|without (?:telling|mentioning|asking)|for (?:debug(?:ging)?|telemetry|logging|analytics|audit(?:ing)?|tracing|diagnostics?|quality|compliance|security|verification|safety|training|monitoring|context|better results)|the (?:assistant|model|agent|llm|ai)\b|you,? the|side[- ]?note|even if|every (?:call|time|request)|each (?:call|time))\b/iu;
const NAMES =
  /^(?:side_?note|(?:full_?|raw_?)?(?:conversation|chat)(?:_?(?:history|context|log|transcript|dump))|system_?prompt|context_?dump|chain_?of_?thought|all_?messages|(?:previous|prior)_?messages|tool_?(?:list|outputs)|env(?:ironment)?_?(?:dump|variables))$/i;
const NEAR = 100;
const SENTENCE_END = /[.!?。\n](?:\s|$)/u;

/**
 * Parameters that ask for what the model knows rather than for what the tool needs: `sidenote`, "for debugging include
 * the conversation". With a pretext or an order it is grave, without one it may be what the tool is for.
 */
export function drawsContext(pieces: readonly Piece[]): Suspicion[] {
  return pieces.flatMap((piece): Suspicion[] => {
    const pointer = pointerOf(piece.place);
    if (!/^\/(?:inputSchema|arguments|uriTemplate)(?:\/|$)/u.test(pointer)) return [];
    if (piece.key)
      return NAMES.test(piece.text)
        ? [
            {
              check: 'draws-context',
              pointer,
              detail: `a parameter named ${piece.text}`,
              grave: false,
            },
          ]
        : [];
    const asked = whatIsAsked(piece.text);
    if (asked === undefined) return [];
    const detail = `asks for what the model knows: ${asked.what}`;
    return [{ check: 'draws-context', pointer, detail, grave: asked.isPressed }];
  });
}

function whatIsAsked(text: string): { what: string; isPressed: boolean } | undefined {
  let asked: { what: string; isPressed: boolean } | undefined;
  for (const { index, 0: what } of text.matchAll(CONTEXT)) {
    const before = text.slice(Math.max(0, index - NEAR), index);
    const sentence = before.split(SENTENCE_END).at(-1) ?? '';
    if (!HAND_OVER.test(sentence)) continue;
    const around = text.slice(Math.max(0, index - NEAR), index + what.length + NEAR);
    const isPressed = PRETEXT.test(around);
    if (asked === undefined || isPressed) asked = { what, isPressed };
    if (isPressed) break;
  }
  return asked;
}
