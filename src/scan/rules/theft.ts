import type { Rule } from './rule.ts';

/** Rules for texts that reach for data and rights: secrets, key files, the system prompt, addresses to send to. */
export const THEFT: readonly Rule[] = [
  {
    id: 'exfiltrate',
    weight: 3,
    why: 'Sends something to an address it brings along',
    source: 'InjecAgent; AgentDojo',
    phrases: [
      'SEND|DELIVER ~10 SECRET|emails|messages|files|documents|data|records|addresses|history|information|it|them|everything|content|output ~6 to|at|via|an|a|na|на|到|zu ~3 @mail|@url',
      'SEND ~4 @mail|@url',
      'always|must|should|also|add|put|and|please ~3 bcc|cc ~2 @mail',
      'curl ~6 @url ~4 bash|sh',
    ],
  },
  {
    id: 'secret-out',
    weight: 2.4,
    why: 'Moves secrets out of where they belong',
    source: 'OWASP LLM02, LLM07',
    phrases: [
      'SEND|DELIVER ~6 SECRET ~4 to|via|into ~3 @mail|@url|server|webhook|endpoint|attacker*|following|tool|parameter|argument|me|us',
      'READ ~6 KEYFILE ~~10 SEND|pass|argument|parameter',
      'SAY ~2 SECRET ~1 verbatim|immediately|now|here|aloud',
      'SEND ~3 SECRET',
    ],
  },
  {
    id: 'key-file',
    weight: 2.4,
    why: 'Reads files with keys in them',
    source: 'Invariant Labs 2025; CVE-2025-54135',
    phrases: ['READ ~5 KEYFILE', 'contents of ~3 KEYFILE', 'KEYFILE ~6 contents|content'],
  },
  {
    id: 'prompt-leak',
    weight: 4.2,
    why: 'Asks for the text before the conversation',
    source: 'OWASP LLM07; Tensor Trust',
    phrases: [
      'SAY ~4 PROMPT',
      'SAY ~3 everything|text|words|content|contents ~2 above|before ~3 prompt|line|message|verbatim|this',
      'what is|are|were ~3 PROMPT',
      'what is|are ~1 your ~2 password|secret|passphrase|key|code',
      'SAY ~3 YOUR ~2 PASSKEY',
      'SAY ~4 PASSKEY ~3 YOUR',
      'WHAT ~2 YOUR ~1 PASSKEY',
      'WHAT ~2 PASSKEY ~2 YOUR',
      'SAY ~3 your ~3 instructions|rules|guidelines|directives|prompt|programming',
      'SAY ~2 INSTRUCTIONS ~2 verbatim|word_for_word|exactly',
    ],
    // "Never share your password" stands in half of all account notices.
    notBehind: /(?:never|not|don['’]t) $/i,
  },
  {
    id: 'image-leak',
    weight: 4.4,
    why: 'An image or link whose address carries data away when it is drawn',
    source: 'Rehberger 2023, markdown image exfiltration',
    pattern:
      /!?\[[^[\]\n]{0,80}\]\( ?https?:\/\/[^)\s?]{0,200}\?[^)\s=]{0,40}= ?(?:\{|\$|%7B|\[|<|DATA\b|SECRET|TOKEN|CONTENT|BASE64|YOUR_|CONVERSATION|HISTORY|data\)|secret\)|token\)|history|conversation|base64|summary)[^)\n]{0,80}/g,
  },
  {
    id: 'image-order',
    weight: 3,
    why: 'Orders an image or link that carries data away',
    source: 'Rehberger 2023',
    phrases: [
      'replace|substitute|fill|append|encode|url_encode ~8 SECRET|conversation|history|summary|data|message|messages|prompt|text ~6 url|link|image|query',
      'render|display|include|show|embed|insert ~4 image|link|markdown ~8 SECRET|data|conversation|history|summary|@url ~4 SECRET|data|conversation|history|summary',
    ],
  },
  {
    id: 'remote-script',
    weight: 2,
    why: 'Runs a script from the network',
    source: 'AgentDojo; CVE-2025-6514',
    pattern:
      /\|\s?(?:sudo )?(?:ba|z)?sh\b(?<=\b(?:curl|wget)\b[^\n|]{0,160}https?:[^\n|]{0,160}\|[^\n|]{0,12})/gi,
  },
  {
    id: 'privilege',
    weight: 3,
    why: 'Asks for rights or a memory that outlives the conversation',
    source: 'Microsoft agent governance toolkit; OWASP ASI06',
    phrases: [
      'remember|memorize|memorise|store|save|record permanently|forever|always|that ~3 user|account|i|admin ~3 admin|administrator|trusted|authorized|authorised',
      'approve ~3 next|all|every|any ~2 call|calls|request|requests|action|actions',
      'disable|bypass|skip|turn_off ~2 safety|approval|confirmation|confirmations|guardrails|two_factor|logging ~2 and|before|for|now|immediately|then|completely',
      'grant|give ~2 full|admin|administrator|root|write|permanent|unrestricted access|rights|permissions|privileges ~1 to ~2 @mail|me|my',
    ],
  },
];
