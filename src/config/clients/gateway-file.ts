import { Document, isMap, parseDocument } from 'yaml';

import { Fault } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';
import type { ServerSettings } from './import-server.ts';

const HEADER = (origin: string): string => ` Written by \`sallyport init\` for ${origin}.
 sallyport.example.yaml in the package shows every key. It may hold secrets: only you can read it.
 Without a \`policy\` the personal set is in force: reading passes, what is dangerous asks first.`;

/** Tools are trusted as they are at the first start; whatever changes afterwards waits for \`sallyport pin\`. */
const CATALOGUE = { onNew: 'pin', onChange: 'quarantine' };

/** The text of a new sallyport.yaml for imported servers. */
export function newGatewayFile(
  origin: string,
  servers: ReadonlyMap<string, ServerSettings>,
): string {
  const document = new Document({
    mcpServers: Object.fromEntries(servers),
    catalogue: CATALOGUE,
  });
  document.commentBefore = HEADER(visible(origin, '\n\t'));
  return document.toString({ lineWidth: 0 });
}

/** An existing one with further servers, or with `replace` with these alone; everything else stays as it is. */
export function changedGatewayFile(
  text: string,
  file: string,
  servers: ReadonlyMap<string, ServerSettings>,
  replace: boolean,
): string {
  const document = parseDocument(text);
  if (document.errors.length > 0 || !isMap(document.contents))
    throw new Fault(`Cannot add servers to ${file}: it is no valid configuration`, {
      hint: `sallyport check --config ${file} says why`,
    });
  if (replace || !isMap(document.get('mcpServers'))) document.set('mcpServers', {});
  for (const [name, settings] of servers) document.setIn(['mcpServers', name], settings);
  return document.toString({ lineWidth: 0 });
}

/** The names an existing one uses. */
export function namesIn(text: string): readonly string[] {
  const servers: unknown = parseDocument(text).get('mcpServers');
  return isMap(servers) ? servers.items.map((pair) => String(pair.key)) : [];
}
