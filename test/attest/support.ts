import { createHmac, sign as signBytes, type KeyObject } from 'node:crypto';
import { canonicalJson, isJsonObject, parseJson, type JsonObject } from '../../src/lib/json.ts';
import {
  ATTEST_TYPE,
  boundBy,
  issuerOf,
  PROFILE,
  wrapMeasurements,
  type Measurements,
} from '../../src/attest/claims.ts';
import { LEVELS, type Level } from '../../src/attest/level.ts';
import { readReference, type Reference } from '../../src/attest/reference.ts';
import { verifyAttestation, type Verdict } from '../../src/attest/verify.ts';
import { generateKeys, readPrivateKey, readPublicKey, type Key } from '../../src/signing/keys.ts';
import { PCRS, softQuote, tpmKey } from './soft-quote.ts';

type Pair = { readonly secret: Key; readonly open: Key; readonly pem: string };

async function pair(name: string): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeys();
  return {
    pem: publicKey,
    secret: await readPrivateKey(privateKey, name),
    open: await readPublicKey(publicKey, name),
  };
}

/** Two gates that are trusted in the tests, and one who is not. */
const KEYS: Readonly<Record<string, Pair>> = {
  gate: await pair('gate'),
  other: await pair('other'),
  eve: await pair('eve'),
};

export function keyOf(name: string): Pair {
  const found = KEYS[name];
  if (!found) throw new TypeError(`no key ${name}`);
  return found;
}

/** The digest that this digit makes. */
export function digestOf(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}

const absent = { unknown: 'there is no Docker' };

export const MEASURED: Measurements = {
  program: { digest: digestOf('1'), version: '0.1.0' },
  dependencies: { digest: digestOf('2'), count: 40 },
  node: { digest: digestOf('3'), version: 'v20.19.0', options: [] },
  configuration: { digest: digestOf('4') },
  policy: { digest: digestOf('5'), count: 12 },
  lock: { digest: digestOf('6'), count: 3, origin: 'file' },
  runsc: { digest: digestOf('7'), version: 'runsc version 1' },
  'image:python': { digest: digestOf('8'), name: 'sallyport/python:0.1.0' },
  'image:javascript': absent,
  'image:bash': absent,
};

const MADE = '2026-11-25T12:00:00Z';

/** A token that is made, and who verifies it; the steps of a vector change both. */
export type Scene = {
  header: string;
  payload: string;
  by: string;
  signature: string | undefined;
  before: string;
  after: string;
  trusted: readonly string[];
  now: Date;
  maxAgeS: number;
  nonce: string | undefined;
  audience: string | undefined;
  references: Reference[];
  level: Level;
  ak: KeyObject | undefined;
};

export function newScene(): Scene {
  const iat = Date.parse(MADE) / 1000;
  const claims = {
    iss: issuerOf('@gate'),
    iat,
    exp: iat + 600,
    eat_nonce: 'nonce-of-the-verifier',
    eat_profile: PROFILE,
    swname: 'sallyport',
    swversion: ['0.1.0'],
    dbgstat: 'disabled',
    measurements: wrapMeasurements(MEASURED),
    submods: { tpm: { unknown: 'there is no /dev/tpmrm0' } },
  };
  return {
    header: JSON.stringify({ alg: 'EdDSA', kid: '@gate', typ: ATTEST_TYPE }),
    payload: canonicalJson(claims),
    by: 'gate',
    signature: undefined,
    before: '',
    after: '\n',
    trusted: ['gate', 'other'],
    now: new Date(MADE),
    maxAgeS: 300,
    nonce: 'nonce-of-the-verifier',
    audience: undefined,
    references: [],
    level: 'self-asserted',
    ak: undefined,
  };
}

function named(text: string): string {
  return text.replaceAll(/@(gate|other|eve)/gu, (_, name: string) => keyOf(name).open.kid);
}

/** The bytes that the verifier gets. */
export function tokenOf(scene: Scene): Buffer {
  const [header, payload] = [scene.header, scene.payload].map((text) =>
    Buffer.from(named(text)).toString('base64url'),
  );
  const input = `${header}.${payload}`;
  const signature = scene.signature ?? signatureBy(scene.by, input);
  return Buffer.from(`${scene.before}${input}.${signature}${scene.after}`);
}

/** What a verifier makes of it. */
export async function judge(scene: Scene): Promise<Verdict> {
  const { trusted, now, maxAgeS, nonce, audience, references, level, ak } = scene;
  return await verifyAttestation(tokenOf(scene), {
    trusted: new Map(trusted.map((name) => [keyOf(name).open.kid, keyOf(name).open])),
    now,
    maxAgeS,
    nonce,
    audience,
    references,
    level,
    ak,
  });
}

function signatureBy(by: string, input: string): string {
  if (by === 'none') return '';
  const { pem, open } = keyOf('gate');
  const raw = Buffer.from(String(open.key.export({ format: 'jwk' }).x), 'base64url');
  if (by === 'hmac-pem') return createHmac('sha256', pem).update(input).digest('base64url');
  if (by === 'hmac-raw') return createHmac('sha256', raw).update(input).digest('base64url');
  return signBytes(null, Buffer.from(input), keyOf(by).secret.key).toString('base64url');
}

type Step = (scene: Scene, text: string) => void;

/** What the lines of a vector do, by their first word. */
const STEPS: Readonly<Record<string, Step>> = {
  header(scene, text) {
    scene.header = text;
  },
  // A change of the text, as it stands there: what no writer of JSON would write is possible too.
  payload(scene, text) {
    scene.payload = changed(scene.payload, text);
  },
  'payload-is'(scene, text) {
    scene.payload = unquote(text);
  },
  measured(scene, text) {
    const claims = objectOf(scene.payload);
    const inner = /"measurements":\[\[50,"([^"]+)"\]\]/u.exec(scene.payload)?.[1] ?? '';
    const own = changed(Buffer.from(inner, 'base64url').toString(), text);
    const measurements = [[50, Buffer.from(own).toString('base64url')]];
    scene.payload = canonicalJson({ ...claims, measurements });
  },
  by(scene, name) {
    scene.by = name;
  },
  signature(scene, text) {
    scene.signature = text === 'empty' ? '' : text;
  },
  before(scene, text) {
    scene.before = unquote(text);
  },
  pad(scene, size) {
    scene.before = 'A'.repeat(Number(size));
  },
  after(scene, text) {
    scene.after = unquote(text);
  },
  trust(scene, names) {
    scene.trusted = names.split(',');
  },
  now(scene, at) {
    scene.now = new Date(at);
  },
  'max-age'(scene, seconds) {
    scene.maxAgeS = Number(seconds);
  },
  nonce(scene, text) {
    scene.nonce = text === 'none' ? undefined : text;
  },
  audience(scene, text) {
    scene.audience = text;
  },
  // `program=1 node=3,4`: digests by the digit that makes them.
  expect(scene, words) {
    const digests = words.split(' ').map((word) => {
      const [name = '', digits = ''] = word.split('=');
      return [name, digits.split(',').map(digestOf)] as const;
    });
    const text = { format: 'sallyport-reference/1', digests: Object.fromEntries(digests) };
    scene.references.push(readReference(Buffer.from(JSON.stringify(text)), 'expected.json'));
  },
  // `pcrs 7=7 0=0,1`: values by the digit that makes them.
  pcrs(scene, words) {
    const pcrs = words.split(' ').map((word) => {
      const [index = '', values = ''] = word.split('=');
      return [index, values.split(',').map((digit) => digit.repeat(64))] as const;
    });
    const digests = { program: digestOf('1') };
    const text = { format: 'sallyport-reference/1', digests, pcrs: Object.fromEntries(pcrs) };
    scene.references.push(readReference(Buffer.from(JSON.stringify(text)), 'pcrs.json'));
  },
  ak(scene, name) {
    scene.ak = tpmKey(name);
  },
  // A quote about the claims as they are now; `quote magic=00000000 by=eve` changes parts of it.
  quote(scene, words) {
    const changes: Record<string, string> = Object.fromEntries(
      words
        .split(' ')
        .filter(Boolean)
        .map((word) => [word.split('=')[0] ?? '', word.split('=')[1] ?? '']),
    );
    const { by = 'tpm', pcrs, ...parts } = changes;
    const shown = pcrs === undefined ? PCRS : JSON.parse(pcrs);
    const claims = JSON.parse(named(scene.payload));
    const tpm = softQuote(boundBy(claims), parts, { by, pcrs: shown });
    scene.payload = canonicalJson({ ...objectOf(scene.payload), submods: { tpm } });
  },
  level(scene, name) {
    scene.level = LEVELS.find((each) => each === name) ?? 'self-asserted';
  },
};

/** Does what a vector says, line by line. */
export function play(scene: Scene, text: string): void {
  for (const line of text.split('\n').filter(Boolean)) {
    const [word = ''] = line.split(' ', 1);
    const step = STEPS[word];
    if (!step) throw new TypeError(`no step ${word}`);
    step(scene, line.slice(word.length + 1));
  }
}

function changed(before: string, words: string): string {
  const [, from = '', to = ''] = /^("(?:[^"\\]|\\.)*") (".*")$/u.exec(words) ?? [];
  const after = before.replace(unquote(from), () => unquote(to));
  if (after === before) throw new TypeError(`there is no ${from}`);
  return after;
}

function unquote(text: string): string {
  return String(JSON.parse(text));
}

function objectOf(text: string): JsonObject {
  const value = parseJson(text, { maxBytes: 100_000, maxDepth: 10 });
  if (!isJsonObject(value)) throw new TypeError('no object');
  return value;
}
