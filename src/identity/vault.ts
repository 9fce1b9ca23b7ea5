import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Fault } from '../lib/fault.ts';
import { withFileMutex } from '../lib/file-mutex.ts';
import { isJsonObject, parseJson, type JsonObject } from '../lib/json.ts';
import { writeFileAtomic } from '../lib/write-file.ts';
import { readPrivateFile } from '../state/private-file.ts';

/** Whose credential, and at which server of the configuration. */
export type VaultOwner = {
  readonly issuer: string;
  readonly subject: string;
  readonly server: string;
};

/** Credentials of single users at single servers, in one encrypted file. */
export type Vault = {
  /** Throws `Fault` for a file that was changed, or is of another key. */
  readonly read: (owner: VaultOwner) => Promise<JsonObject | undefined>;
  /** Changes one entry while no other process does; `undefined` takes it away. */
  readonly change: (
    owner: VaultOwner,
    change: (before: JsonObject | undefined) => Promise<JsonObject | undefined>,
  ) => Promise<JsonObject | undefined>;
};

const MAX_BYTES = 4_194_304;
/** An entry that fills the file would lock everybody else out of it. */
const MAX_ENTRY = 65_536;
/** Milliseconds to wait for who changes the same entry, and for who writes the file. */
const ENTRY_MS = 60_000;
const FILE_MS = 10_000;
const NONCE = 12;
const TAG = 16;

/** The key of the vault from the environment: 32 random bytes in base64. Throws `Fault` where there is none. */
export function vaultKey(env: NodeJS.ProcessEnv): Uint8Array {
  const text = env['SALLYPORT_VAULT_KEY'] ?? '';
  const key = Buffer.from(text, 'base64');
  if (/^[A-Za-z0-9+/]{43}=?$/u.test(text) && key.length === 32) return key;
  throw new Fault('Cannot open the vault: SALLYPORT_VAULT_KEY is not 32 bytes in base64', {
    hint: 'make one with openssl rand -base64 32, and keep it where this file is not',
  });
}

/**
 * AES-256-GCM, each entry for itself and bound to its owner: whoever can write the file can neither read an entry, nor
 * move one to another user or server. What they can do is take entries away, or bring back older ones.
 */
export function createVault(path: string, key: Uint8Array): Vault {
  const derived = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', key, '', purpose, 32));
  const secret = derived('sallyport vault: entries');
  const names = derived('sallyport vault: names');

  /** Tells a reader of the file nothing of who has an account where. */
  function nameOf({ issuer, subject, server }: VaultOwner): string {
    const text = JSON.stringify([issuer, subject, server]);
    return createHmac('sha256', names).update(text).digest('base64url');
  }

  function seal(name: string, entry: JsonObject): string {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(name));
    const text = JSON.stringify(entry);
    if (Buffer.byteLength(text) > MAX_ENTRY)
      throw new Fault(`Cannot keep the credential: larger than ${MAX_ENTRY} bytes`);
    const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  function open(name: string, sealed: string): JsonObject {
    try {
      const bytes = Buffer.from(sealed, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, NONCE), {
        authTagLength: TAG,
      });
      decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
      const text = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]);
      const entry = parseJson(text, { maxBytes: MAX_BYTES, maxDepth: 8 });
      if (isJsonObject(entry)) return entry;
      throw new TypeError('not an object');
    } catch (cause) {
      throw new Fault(`Cannot open the vault: ${path} was changed, or is of another key`, {
        cause,
      });
    }
  }

  async function load(): Promise<Record<string, string>> {
    if (!existsSync(path)) return {};
    const bytes = Buffer.from(readPrivateFile(path));
    const entries: Record<string, string> = Object.create(null);
    try {
      const file = parseJson(bytes, { maxBytes: MAX_BYTES, maxDepth: 4 });
      for (const [name, sealed] of Object.entries(isJsonObject(file) ? file : {}))
        if (typeof sealed === 'string') entries[name] = sealed;
    } catch (cause) {
      throw new Fault(`Cannot open the vault: ${path} is no vault`, { cause });
    }
    return entries;
  }

  async function read(owner: VaultOwner): Promise<JsonObject | undefined> {
    const name = nameOf(owner);
    const sealed = (await load())[name];
    return sealed === undefined ? undefined : open(name, sealed);
  }

  /** `sealed` undefined: the entry is taken away. */
  async function write(name: string, sealed: string | undefined): Promise<void> {
    await withFileMutex(`${path}.lock`, { now: Date.now, deadline: FILE_MS }, async (held) => {
      const entries = await load();
      if (sealed === undefined) delete entries[name];
      else entries[name] = sealed;
      const text = `${JSON.stringify(entries, undefined, 2)}\n`;
      if (sealed !== undefined && Buffer.byteLength(text) > MAX_BYTES)
        throw new Fault(`Cannot write ${path}: it would be larger than ${MAX_BYTES} bytes`);
      if (!(await held())) throw new Fault(`Cannot write ${path}: another process did`);
      await writeFileAtomic(path, text, 0o600);
    });
  }

  return {
    read,
    async change(owner, change) {
      const name = nameOf(owner);
      // A change may ask an issuer, which may take its time: that holds up nobody else's entry.
      const lock = `${path}.${name}.lock`;
      return await withFileMutex(lock, { now: Date.now, deadline: ENTRY_MS }, async (held) => {
        const after = await change(await read(owner));
        if (!(await held())) throw new Fault(`Cannot write ${path}: another process did`);
        await write(name, after && seal(name, after));
        return after;
      });
    },
  };
}
