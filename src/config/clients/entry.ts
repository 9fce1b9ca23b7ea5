import { isJsonObject } from '../../lib/json.ts';
import type { ClientFile } from './clients.ts';

/** How a client starts the gateway, without `serve --config FILE`. */
export type Launcher = { readonly command: string; readonly args: readonly string[] };

/** Whether an entry already starts this program, whatever its name: `… sallyport serve`, `… sallyport.js wrap`. */
export function isGateway(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const words = [value['command'], ...argsOf(value)];
  return words.some((item, at) => {
    const next = words[at + 1];
    return typeof item === 'string' && PROGRAM.test(item) && (next === 'serve' || next === 'wrap');
  });
}

export function argsOf(value: unknown): readonly string[] {
  const args = isJsonObject(value) ? value['args'] : undefined;
  return Array.isArray(args) ? args.filter((item) => typeof item === 'string') : [];
}

export function environmentOf(value: unknown): Record<string, unknown> {
  const env = isJsonObject(value) ? value['env'] : undefined;
  return isJsonObject(env) ? { ...env } : {};
}

/** The one entry that takes the place of the imported servers. */
export function gatewayEntry(
  file: ClientFile,
  { command, args }: Launcher,
  config: string,
  environment: Record<string, unknown>,
): Record<string, unknown> {
  return {
    ...(file.key === 'servers' ? { type: 'stdio' } : {}),
    command,
    args: [...args, 'serve', '--config', config],
    ...(Object.keys(environment).length > 0 ? { env: environment } : {}),
  };
}

const PROGRAM = /(?:^|[/\\])sallyport(?:@[\w.^~-]+|\.js|\.cmd|\.exe)?$/u;
