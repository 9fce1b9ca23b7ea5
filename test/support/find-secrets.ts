import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every way in which a secret may stand in a file, by its name; of a text before or after it nothing is known. */
export function formsOf(secret: string): Readonly<Record<string, readonly string[]>> {
  const bytes = Buffer.from(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const percent = encodeURIComponent(secret);
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before, 'x'), bytes]).toString('base64');
    // The first and the last characters depend on what stands beside it.
    return text.slice(before === 0 ? 0 : before + 1).replace(/.?=*$/u, '');
  });
  return {
    plain: [secret],
    'in JSON': [json, JSON.stringify(json).slice(1, -1)],
    'percent-encoded': [percent, percent.replaceAll(/%../gu, (one) => one.toLowerCase())],
    'in a form': [new URLSearchParams({ s: secret }).toString().slice(2)],
    hex: [bytes.toString('hex'), bytes.toString('hex').toUpperCase()],
    base64,
    base64url: base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  };
}

/** Which of these secrets stand in a text, and how: `NAME, base64`. */
export function findSecrets(
  text: string,
  secrets: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    Object.entries(formsOf(secret)).flatMap(([form, texts]) =>
      texts.some((one) => text.includes(one)) ? [`${name}, ${form}`] : [],
    ),
  );
}

/** Every file of a folder but those that are the owner's own to write secrets into. */
export function written(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !['sallyport.yaml', 'token'].includes(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}
