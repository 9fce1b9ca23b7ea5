import * as z from 'zod';

import { readAddress } from '../lib/address.ts';
import { isJsonObject } from '../lib/json.ts';
import { isReserved } from './reserved.ts';
import { isConfidential } from '../lib/confidential.ts';
import { isUrl } from './urls.ts';
import { authRules, authSchema, clientSchema, twoClients, unsaidShared } from './auth-schema.ts';
import { insideFolder, serverSandboxSchema } from './server-sandbox.ts';
import { codeSchema, sandboxSchema } from './sandbox-schema.ts';
import { trustedHostsSchema } from './egress.ts';
import { headerMap, integer, MINUTE, SECOND, text, variableMap, word } from './values.ts';

// A configuration is read once: compiling a parser for it takes longer than reading it.
z.config({ jitless: true });

const MIB = 1 << 20;

/** Asymmetric only: with a shared secret every holder of the key could sign in as anybody (RFC 8725 §3.1). */
const ALGORITHMS = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
] as const; // prettier-ignore

const milliseconds = integer(1, 24 * 60 * MINUTE);

const webUrl = word.refine((value) => isUrl(value, () => true), {
  error: 'expected an http or https URL without a user name or password',
});
const secureUrl = word.refine((value) => isUrl(value, isConfidential), {
  error: 'expected an https URL (http only on this machine)',
});
const origin = word.refine((value) => isUrl(value, (url) => url.origin === value), {
  error: 'expected an origin such as https://app.example',
});
/** YAML reads a port alone as a number. */
const address = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  word.refine((value) => readAddress(value) !== undefined, {
    error: 'expected HOST:PORT such as 127.0.0.1:9464',
  }),
);
/** A URL, or the path of a file. */
const keySource = word.refine(
  (value) => !/^[a-z][a-z0-9+.-]+:\/\//iu.test(value) || isUrl(value, isConfidential),
  { error: 'expected an https URL or a file' },
);

/** What belongs to the other kind of server. */
const FOREIGN = { command: ['headers'], url: ['args', 'env', 'cwd', 'sandbox', 'idleMs'] } as const;

/** One entry of `mcpServers`. */
export const serverSchema = z
  .strictObject({
    type: z.enum(['stdio', 'http', 'streamable-http', 'sse']).optional(),
    command: word.optional(),
    args: z.array(text).optional(),
    env: variableMap.optional(),
    cwd: word.optional(),
    url: webUrl.optional(),
    headers: headerMap.optional(),
    auth: authSchema.optional(),
    sandbox: serverSandboxSchema.optional(),
    timeoutMs: milliseconds.optional(),
    // More than the time for which a list counts as fresh: what woke up is listed before it is called.
    idleMs: integer(SECOND, 24 * 60 * MINUTE).optional(),
    handles: z.array(word).min(1).optional(),
    disabled: z.boolean().default(false),
  })
  .superRefine((entry, context) => {
    const say = (path: string[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const folder = entry.sandbox && entry.cwd !== undefined && insideFolder.safeParse(entry.cwd);
    if (folder && !folder.success)
      say(['cwd'], 'in a sandbox it is an absolute path inside of that');
    if (entry.command === undefined && entry.url === undefined)
      return say([], 'it needs a command (stdio) or a url (HTTP)');
    if (entry.command !== undefined && entry.url !== undefined)
      return say([], 'it has both a command and a url');
    const way = entry.url === undefined ? 'command' : 'url';
    for (const key of FOREIGN[way])
      if (entry[key] !== undefined) say([key], `a server with a ${way} has no ${key}`);
    authRules(entry, way, say);
    if (entry.type !== undefined && (entry.type === 'stdio') !== (way === 'command'))
      say(['type'], `a server with a ${way} is not ${entry.type}`);
  }, always());

const verification = {
  groupsClaim: word.default('groups'),
  algorithms: z.array(z.enum(ALGORITHMS)).min(1).default(['RS256', 'PS256', 'ES256', 'EdDSA']),
  clockToleranceS: integer(0, 30).default(30),
};

const stdioIdentity = z
  .strictObject({
    user: word.optional(),
    groups: z.array(word).optional(),
    token: word.optional(),
    tokenFile: word.optional(),
    issuer: secureUrl.optional(),
    audience: word.optional(),
    jwks: keySource.optional(),
    client: clientSchema.optional(),
    ...verification,
  })
  .superRefine((identity, context) => {
    const { token, tokenFile } = identity;
    const signed = (token ?? tokenFile) !== undefined;
    if (token !== undefined && tokenFile !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['tokenFile'],
        message: 'there is a token already',
      });
    for (const key of ['issuer', 'audience', 'jwks'] as const)
      if ((identity[key] !== undefined) !== signed)
        context.addIssue({
          code: 'custom',
          path: [key],
          message: signed ? 'a token needs it' : 'only a token has it',
        });
    if (identity.client !== undefined && !signed)
      context.addIssue({ code: 'custom', path: ['client'], message: 'only a token has it' });
    for (const key of signed ? (['user', 'groups'] as const) : [])
      if (identity[key] !== undefined)
        context.addIssue({ code: 'custom', path: [key], message: 'the token says who is calling' });
  }, always());

const httpIdentity = z.strictObject({
  issuer: secureUrl,
  audience: word,
  jwks: keySource.optional(),
  client: clientSchema.optional(),
  requiredScopes: z.array(word).default([]),
  ...verification,
});

/** Of one caller over all servers, and of one server over all callers. */
const limitSides = z.strictObject({
  perCaller: integer(1, 1_000_000).optional(),
  perServer: integer(1, 1_000_000).optional(),
});

/** Calls that are checked and made as a whole; absent: the gateway offers no tools for it. */
const plansSchema = z.strictObject({
  maxSteps: integer(1, 1000).default(100),
  maxDepth: integer(1, 1000).default(20),
  parallel: integer(1, 64).default(4),
  lifetimeMs: milliseconds.default(60 * MINUTE),
});

const share = z.number().min(0).max(1);

/** Those that the gateway gives by itself are not an owner's to move. */
const RESERVED_ZONES = /^(?:credentials|system|home|temp|relative|outside|other|unclear)$/u;

const zoneName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/u, {
    error: 'a zone is 1 to 64 of the characters a-z 0-9 _ -, a letter first',
  })
  .refine((name) => !RESERVED_ZONES.test(name), {
    error: 'the gateway itself gives this zone a meaning',
  });

/** The whole file. Strict everywhere: a misspelt guard must not be a missing guard. */
export const schema = z
  .strictObject({
    mcpServers: z
      .record(
        z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/u, {
          error: 'a server name is 1 to 64 of the characters A-Z a-z 0-9 _ . -',
        }),
        serverSchema,
      )
      .default({}),
    builtin: z.strictObject({ code: codeSchema.optional() }).prefault({}),
    plans: plansSchema.optional(),
    identity: z
      .strictObject({ stdio: stdioIdentity.optional(), http: httpIdentity.optional() })
      .prefault({}),
    policy: z
      .strictObject({
        path: z.union([word, z.array(word).min(1)]).optional(),
        bundle: word.optional(),
        keys: z.array(word).min(1).optional(),
        threshold: integer(1, 16).optional(),
        name: word.optional(),
        shadow: z.union([word, z.array(word).min(1)]).optional(),
        mode: z.enum(['enforce', 'shadow']).default('enforce'),
        zones: z.record(zoneName, z.array(word).min(1)).default({}),
        trustedHosts: trustedHostsSchema,
      })
      .superRefine(bundleRules, always())
      .prefault({}),
    catalogue: z
      .strictObject({
        lock: word.default('./sallyport.lock.json'),
        onNew: z.enum(['quarantine', 'pin']).default('quarantine'),
        onChange: z.literal('quarantine').default('quarantine'),
        separator: z
          .string()
          .regex(/^[A-Za-z0-9_.-]{1,8}$/u, {
            error: 'a separator is 1 to 8 of the characters A-Z a-z 0-9 _ . -',
          })
          .default('__'),
      })
      .prefault({}),
    scan: z
      .strictObject({
        mark: share.default(0.5),
        block: share.default(0.9),
        onBlock: z.literal('withhold').default('withhold'),
      })
      .superRefine(({ mark, block }, context) => {
        if (typeof mark === 'number' && typeof block === 'number' && mark > block)
          context.addIssue({
            code: 'custom',
            path: ['mark'],
            message: `it is above block (${mark} > ${block})`,
          });
      }, always())
      .prefault({}),
    sandbox: sandboxSchema.prefault({}),
    state: z.strictObject({ path: word.optional() }).prefault({}),
    audit: z
      .strictObject({
        path: word.optional(),
        arguments: z.enum(['digest', 'redacted']).default('digest'),
      })
      .prefault({}),
    kill: z.strictObject({ file: word.optional() }).prefault({}),
    telemetry: z.strictObject({ otlp: z.literal('').default('') }).prefault({}),
    http: z
      .strictObject({
        allowedOrigins: z.array(origin).default([]),
        allowedHosts: z.array(word).default([]),
        maxBodyBytes: integer(1024, 1024 * MIB).default(4 * MIB),
        metrics: address.optional(),
      })
      .prefault({}),
    limits: z
      .strictObject({
        maxMessageBytes: integer(1024, 1024 * MIB).default(16 * MIB),
        maxArgumentBytes: integer(1024, 1024 * MIB).default(4 * MIB),
        maxAskBytes: integer(1024, 1024 * MIB).default(MIB),
        callTimeoutMs: milliseconds.default(MINUTE),
        callsPerMinute: limitSides.optional(),
        callsAtOnce: limitSides.optional(),
        connectTimeoutMs: milliseconds.default(MINUTE),
      })
      .prefault({}),
  })
  .superRefine(twoClients, always())
  .superRefine(unsaidShared, always())
  .superRefine(({ mcpServers, catalogue }, context) => {
    const written: unknown = isJsonObject(catalogue) ? catalogue.separator : undefined;
    const separator = typeof written === 'string' && written !== '' ? written : '__';
    for (const name of Object.keys(isJsonObject(mcpServers) ? mcpServers : {})) {
      const path = ['mcpServers', name];
      // `a_` + `__` + `b` could be read as server `a` with tool `_b`: another server's tool.
      if (`${name}${separator}`.indexOf(separator) !== name.length)
        context.addIssue({
          code: 'custom',
          path,
          message: `the name runs into the separator ${separator}`,
        });
      if (isReserved(name))
        context.addIssue({ code: 'custom', path, message: 'it could pass for the gateway itself' });
    }
  }, always());

/** A bundle without keys would be an unsigned one, and keys without a bundle a guard that guards nothing. */
function bundleRules(
  policy: { readonly [key: string]: unknown },
  context: z.core.$RefinementCtx,
): void {
  const say = (key: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message });
  const { path, bundle, keys, threshold, mode, shadow } = policy;
  if ((mode === 'shadow') !== (shadow !== undefined))
    say('shadow', mode === 'shadow' ? 'mode: shadow needs it' : 'only mode: shadow has it');
  if (bundle !== undefined) {
    if (keys === undefined) say('keys', 'a bundle needs it');
    if (path !== undefined) say('path', 'the policies are those of the bundle');
    if (typeof threshold === 'number' && Array.isArray(keys) && threshold > keys.length)
      say('threshold', `there are ${keys.length} keys`);
    return;
  }
  for (const key of ['keys', 'threshold', 'name'])
    if (policy[key] !== undefined) say(key, 'only a bundle has it');
}

/** The file after defaults, paths still as written. */
export type Settings = z.output<typeof schema>;

/**
 * Runs a check even when another one failed, so that one run reports every problem: what it sees has the right keys,
 * but may have values of any type.
 */
function always(): { when: (payload: { value: unknown }) => boolean } {
  return { when: ({ value }) => typeof value === 'object' && value !== null };
}

/** The keys that the object at `path` may have; empty where anything or nothing may stand. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let inner: unknown = schema;
  for (const step of [...path, undefined]) {
    while (
      inner instanceof z.ZodOptional ||
      inner instanceof z.ZodDefault ||
      inner instanceof z.ZodPrefault
    )
      inner = inner.unwrap();
    if (step === undefined) break;
    if (inner instanceof z.ZodObject) inner = Reflect.get(inner.shape, step);
    else if (inner instanceof z.ZodRecord) inner = inner.valueType;
    else return [];
  }
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}
