import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';

import { readClientText, type ClientText } from './client-text.ts';
import type { ClientFile, Scope } from './clients.ts';
import { readIfThere } from './read-if-there.ts';

/** One object of servers in a client file, and what its servers start from. */
export type Place = {
  readonly path: readonly string[];
  readonly scope: Scope;
  readonly project: string | undefined;
  /** Servers that the person has switched off for this project. */
  readonly disabled: ReadonlySet<string>;
};

/** Every place in a client file where servers may stand. `switchedOff`: names the person has disabled elsewhere. */
export function sectionPlaces(
  file: ClientFile,
  text: ClientText,
  switchedOff: ReadonlySet<string>,
): Place[] {
  const places: Place[] = [
    { path: [file.key], scope: file.scope, project: file.project, disabled: switchedOff },
  ];
  for (const project of file.hasProjects ? text.keysAt(['projects']) : [])
    places.push({
      path: ['projects', project, file.key],
      scope: 'local',
      project,
      disabled: switchedOffIn(text, project),
    });
  return places;
}

/** The servers of a project that the person has switched off in Claude Code's own file. */
function switchedOffIn(text: ClientText, project: string): ReadonlySet<string> {
  return new Set(
    ['disabledMcpServers', 'disabledMcpjsonServers'].flatMap((key) =>
      textsIn(text.valueAt(['projects', project, key])),
    ),
  );
}

/** The same for a project's own file; needs the user's file of that client. */
export async function readSwitchedOff(
  file: ClientFile,
  files: readonly ClientFile[],
): Promise<ReadonlySet<string>> {
  const user = files.find((other) => other.hasProjects);
  if (file.project === undefined || user === undefined) return new Set();
  const bytes = await readIfThere(user.path);
  if (bytes === undefined) return new Set();
  return switchedOffIn(readClientText(bytes, user.path), file.project);
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The folder of a client file's journal. */
export function fileFolder(file: ClientFile, folder: string): string {
  return gatewayFolder(file, { path: [file.key], project: file.project }, folder);
}

/** The folder of a section's sallyport.yaml: the client's own, or inside it one that nothing else can have. */
export function gatewayFolder(
  file: ClientFile,
  { path, project }: Pick<Place, 'path' | 'project'>,
  folder: string,
): string {
  if (file.primary && project === undefined) return folder;
  const id = createHash('sha256')
    .update([file.path, ...path].join('\0'))
    .digest('hex')
    .slice(0, 8);
  const label = basename(project ?? file.title)
    .replace(/[^A-Za-z0-9.-]+/gu, '-')
    .slice(0, 40);
  return join(folder, `${label}-${id}`);
}
