import { FOR_MODELS, type Rule } from './rule.ts';

/** Rules for texts that take the conversation over: earlier instructions void, another task, another self, false turns. */
export const TAKEOVER: readonly Rule[] = [
  {
    id: 'override',
    family: 'override',
    weight: 6.5,
    why: 'Sets earlier instructions aside',
    source: 'OWASP LLM01; Perez & Ribeiro 2022, Ignore Previous Prompt',
    phrases: [
      'IGNORE ~4 PREVIOUS ~3 INSTRUCTIONS',
      'IGNORE ~3 INSTRUCTIONS ~3 PREVIOUS',
      'PREVIOUS ~5 INSTRUCTIONS ~5 IGNORED',
    ],
  },
  {
    id: 'override-any',
    family: 'override',
    weight: 4.2,
    why: 'Sets instructions aside without saying which',
    source: 'OWASP LLM01',
    phrases: [
      'IGNORE ~1 ANY ~2 INSTRUCTIONS',
      'ANY|PREVIOUS ~4 INSTRUCTIONS ~3 IGNORED',
      'IGNORE ~2 YOUR ~2 INSTRUCTIONS',
      'DROP ~2 previous|prior|above|earlier|preceding|your ~3 instructions|rules|guidelines|directives|prompt|restrictions|programming|safeguards',
    ],
  },
  {
    id: 'override-everything',
    family: 'override',
    weight: 4.2,
    why: 'Sets the whole conversation aside',
    source: 'deepset/prompt-injections; CyberSecEval 2',
    phrases: [
      'IGNORE ~1 ANY ~6 PREVIOUS',
      'IGNORE ~2 ANY ~5 SAID',
      'IGNORE ~1 what ~4 SAID',
      'SAID ~4 IGNORED',
      'forget|disregard|ignore ~1 everything|anything|all ~4 said|told|instructed|learned|know|else',
      'PREVIOUS ~3 ANY ~3 IGNORED',
    ],
  },
  {
    id: 'new-task',
    weight: 4.2,
    why: 'Announces a task in place of the one the person gave',
    source: 'AgentDojo; Liu et al. 2024, Formalizing Prompt Injection',
    phrases: [
      'your ~1 NEW ~1 TASK|instructions|instruction',
      'NEW instructions|instruction|task|objective|directive follow*|is|are',
      'the|your real|actual|true task|goal|objective|instruction|mission',
      'following|next|new instruction|instructions|task ~2 instead',
      'strictly adhere ~4 instruction|instructions|directive',
      'instead of ~3 task|instructions|summary|summarizing|answering',
      'user now wants you to',
      'change of plan',
      'instead of ~2 previous|original|current|above task|request|instruction|question',
    ],
  },
  {
    id: 'heading',
    weight: 3.4,
    why: 'A heading that announces new instructions, or an end of the data that is none',
    source: 'Willison 2023; Liu et al. 2024',
    pattern:
      /\b(?:new|next|updated|revised|real|actual|additional|hidden|secret|special|system|priority) (?:instructions?|tasks?|objectives?|goals?|directives?|orders?|mission) ?:|(?<![-=*#~])[-=*#~]{3,40} ?(?:end of|end|begin|start of) [a-z _]{2,40}[-=*#~]{3}|\bend of (?:document|data|user input|input|tool output|email|context|conversation|system prompt)\b.{0,8}[\])}>*=#-]{1,8}/gi,
  },
  {
    id: 'dialogue',
    weight: 2,
    why: 'Plays both sides of the conversation',
    source: 'Willison 2023, fake completion',
    pattern:
      /\b(?:Assistant|AI|Bot|Answer|Result|Output|Model) ?: ?(?:(?!\b(?:Assistant|AI|Bot|Answer|Result|Output|Model) ?:)[^\n]){0,200}[.!?\n]\s{0,4}\b(?:User|Human|Customer|Next request|New task) ?:/g,
  },
  {
    id: 'finished',
    weight: 4.2,
    why: 'Pretends that the task is done, so that the next words look like a new one',
    source: 'Willison 2023, fake completion; ASB',
    phrases: [
      'answer task complete|completed|finished|done',
      'task|request complete|completed|finished|done ~3 NEW|now|next ~2 task|instruction|instructions',
      'end of document|data|input|output|email|text|user|conversation ~~4 NEW|begin|instruction|instructions|system',
    ],
  },
  {
    id: 'role-marker',
    weight: 4.6,
    why: 'Imitates the marks between turns of a conversation',
    source: 'chat templates of Llama, ChatML and Mistral; garak latentinjection',
    pattern:
      /<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|eot_id|start_header_id|end_header_id)\|>|\[\/?INST\]|<<\/?SYS>>|\[\/?(?:SYSTEM|ADMIN|DEVELOPER)(?: (?:MESSAGE|OVERRIDE|PROMPT|NOTE|INSTRUCTIONS?))?\]|(?<!#)#{2,6} ?\(?(?:system|system_message|system message|instruction|instructions)\)? ?:|###\(system_message\)|<\/?(?:system|system_prompt|system-prompt|system-reminder|start_of_turn|end_of_turn|tool_response|function_results)>|\{\{ ?(?:system|#system) ?\}\}/gi,
  },
  {
    id: 'turn',
    weight: 3,
    why: 'Begins a line as the system or an administrator would speak',
    source: 'Microsoft agent governance toolkit; AgentDojo system_message',
    pattern:
      /(?:^|[\n"'>.\]])[ \t]{0,8}(?:SYSTEM|System|ADMIN|Admin|ADMINISTRATOR|Administrator|DEVELOPER|OPERATOR)(?: (?:message|note|override|notice|alert|prompt|instruction|update|MESSAGE|NOTE|OVERRIDE|NOTICE|ALERT|PROMPT|INSTRUCTION|UPDATE)s?)? ?: ?[A-Za-z]/g,
  },
  {
    id: 'role-play',
    weight: 4.2,
    why: 'Gives the model another self without rules',
    source: 'Shen et al. 2023, Do Anything Now',
    phrases: [
      'ROLE ~8 UNBOUND',
      'do anything now',
      'developer|god|admin|dan|jailbreak|debug|sudo|unrestricted mode enabled|activated|on|unlocked',
      'enable|activate|enter|entering|switch_to ~3 developer_mode|god_mode|admin_mode|dan|jailbreak*|debug_mode|maintenance_mode|unrestricted',
      'no_longer bound|restricted|limited|constrained by',
      'unlocked|enabled ~2 UNBOUND',
      'have broken|freed|escaped ~4 confines|rules|restrictions|chains',
      'NEVER|no ~4 ethical|moral|content|safety guidelines|restrictions|policy|policies|constraints|filters',
    ],
  },
  {
    id: 'new-self',
    weight: 2.2,
    why: 'Gives the model another self',
    source: 'verazuo/jailbreak_llms; deepset/prompt-injections',
    notIn: FOR_MODELS,
    phrases: [
      'from_now_on ~4 you|your|will|must',
      'you_are_now|you_will_now_be|you_are_no_longer',
      'stay_in_character',
      'tu_es_maintenant|a_partir_de_maintenant|eres_ahora|ahora_eres|du_bist_jetzt|du_bist_nun|ab_jetzt|tu_sei_ora|da_ora_in_poi|agora_voce|теперь_ты|ты_теперь|отныне|你现在是|从现在开始|从现在起|今から|지금부터|이제부터|bundan_sonra|mulai_sekarang|od_teraz',
      'pretend*|act|roleplay ~4 you|as ~6 character|person|ai|model|assistant|human|grandmother|hacker',
    ],
  },
  {
    id: 'only-say',
    weight: 1.8,
    why: 'Dictates the answer',
    source: 'garak; CyberSecEval 2',
    phrases: [
      'reply|respond|answer|output|say|print ~2 only|just|exactly|simply ~2 with|the|following',
      'and nothing else',
      'absolutely nothing else|other',
      "say i've|i been|have pwned|hacked|compromised",
      'print|say|output access granted',
    ],
  },
];
