import type { Call } from '../call.ts';
import { isJsonObject } from '../lib/json.ts';
import { hostsIn } from '../policy/facts/hosts.ts';
import { leavesOf, type Leaf } from '../policy/facts/leaves.ts';
import { recipientsIn } from '../policy/facts/recipients.ts';
import { createZones } from '../policy/facts/zones.ts';
import type { Feature } from './profile.ts';

/** Of the elements of long lists the first. */
const MAX_LEAVES = 50;

/** What is looked at in arguments; what could be a value leaves as its digest. */
export function createFeaturesOf(options: {
  readonly digest: (text: string) => string;
  readonly zones: Readonly<Record<string, readonly string[]>>;
  readonly home: string;
}): (call: Pick<Call, 'subject' | 'args'>) => Feature[] {
  const { digest } = options;
  const zonesIn = createZones(options);

  return function featuresOf({ subject, args }) {
    const schema = subject.definition['inputSchema'];
    const properties = isJsonObject(schema) ? schema['properties'] : undefined;
    const declared = isJsonObject(properties) ? properties : {};
    return Object.entries(args).flatMap(([name, value = null]) => {
      // A name that nobody has declared is the model's, and may be a value itself.
      const argument = Object.hasOwn(declared, name) && name.length <= 64 ? `/${name}` : '/?';
      const of = (statistic: string, category: string | number): Feature => ({
        argument,
        statistic,
        category,
      });
      const leaves = leavesOf({ [name]: value });
      const named = (statistic: string, found: Iterable<string>): Feature[] =>
        [...found]
          .slice(0, MAX_LEAVES)
          .map((each) => of(statistic, digest(`${statistic} ${each}`)));
      const { addresses, domains } = recipientsIn(leaves);
      return [
        { argument: '', statistic: 'arguments', category: argument },
        ...leaves.all.slice(1, MAX_LEAVES).flatMap((leaf) => ofLeaf(leaf, of)),
        ...named('host', hostsIn(leaves)),
        ...named('zone', zonesIn(leaves)),
        ...named('recipient', addresses),
        ...named('domain', domains),
      ];
    });
  };
}

type Of = (statistic: string, category: string | number) => Feature;

function ofLeaf({ value, isName }: Leaf, of: Of): Feature[] {
  if (isName) return [];
  if (typeof value === 'number')
    return [of('kind', 'number'), of('size', Math.sign(value) * magnitude(Math.abs(value)))];
  return [
    of('kind', 'text'),
    of('length', magnitude(value.length)),
    of('characters', CHARACTERS.map(([sign, are]) => (are.test(value) ? sign : '')).join('')),
  ];
}

function magnitude(value: number): number {
  return Math.min(64, Math.ceil(Math.log2(value + 1)));
}

/** Kinds of characters that make one way of writing another one. */
const CHARACTERS = [
  ['letters', /\p{L}/u],
  [' digits', /\p{N}/u],
  [' spaces', /[ \t]/u],
  [' lines', /[\r\n]/u],
  [' at', /@/u],
  [' slashes', /[/\\]/u],
  [' shell', /[|;&$`<>]/u],
  [' quotes', /["']/u],
  [' brackets', /[()[\]{}]/u],
  [' controls', /(?![\t\r\n])[\p{Cc}\p{Cf}]/u],
  [' others', /\P{ASCII}/u],
] as const;
