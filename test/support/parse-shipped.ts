/** Writes policies/parsed.json anew: node dist/test/support/parse-shipped.js --write */
import { readFileSync, writeFileSync } from 'node:fs';
import { createCedar } from '../../src/policy/cedar.ts';
import { NOTHING_PARSED, setDigest, textDigest } from '../../src/policy/parsed.ts';
import { compile, validate } from '../../src/policy/compile.ts';
import { BASE_SCHEMA, PARSED, SHIPPED } from '../../src/policy/policies.ts';
import { readSources } from '../../src/policy/sources.ts';
import { splitPolicies } from '../../src/policy/split.ts';

/** The text of policies/parsed.json as Cedar reads the shipped texts now. */
export async function parseShipped(): Promise<string> {
  const cedar = createCedar();
  const base = readFileSync(BASE_SCHEMA, 'utf8');
  const schema = cedar.use((module) => module.schemaToJson(base));
  if (schema.type !== 'success') throw new TypeError('the schema does not parse');
  const sources = await readSources([SHIPPED.guardrails, SHIPPED.personal], ({ what }) => {
    throw new TypeError(what);
  });
  const policies = sources
    .flatMap(({ text }) => splitPolicies(text))
    .map(({ text }) => {
      const answer = cedar.use((module) => module.policyToJson(text));
      if (answer.type !== 'success') throw new TypeError(`does not parse: ${text}`);
      return [textDigest(text), answer.json] as const;
    });
  const { policies: compiled, base: baseJson } = compile(cedar, sources, base, NOTHING_PARSED);
  const complaints = validate(cedar, compiled, baseJson);
  if (complaints.length > 0) throw new TypeError(JSON.stringify(complaints));
  const parsed = {
    cedar: cedar.use((module) => module.getCedarVersion()),
    schemas: { [textDigest(base)]: schema.json },
    policies: Object.fromEntries(policies),
    sound: [setDigest(sources, base)],
  };
  return `${JSON.stringify(parsed)}\n`;
}

if (process.argv[2] === '--write') writeFileSync(PARSED, await parseShipped());
