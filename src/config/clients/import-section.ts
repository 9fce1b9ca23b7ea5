import type { Section } from './client-text.ts';
import { isGateway } from './entry.ts';
import { importServer, type ImportContext, type ServerSettings } from './import-server.ts';
import { serverName } from './server-name.ts';

export type ImportedServer = {
  readonly from: string;
  readonly to: string;
  readonly notes: readonly string[];
};

export type ImportedSection = {
  readonly servers: ReadonlyMap<string, ServerSettings>;
  readonly imported: readonly ImportedServer[];
  readonly kept: readonly { readonly name: string; readonly why: string }[];
  /** What only the client can know, of all imported servers. */
  readonly carried: ReadonlySet<string>;
};

export type ImportSectionOptions = {
  /** Names that are used already. */
  readonly taken: readonly string[];
  readonly keep: ReadonlySet<string>;
  readonly disabled: ReadonlySet<string>;
  readonly context: ImportContext;
};

/** Translates every server of a section, or says why it stays. */
export function importSection(
  section: Section | undefined,
  options: ImportSectionOptions,
): ImportedSection {
  const servers = new Map<string, ServerSettings>();
  const imported: ImportedServer[] = [];
  const kept: { name: string; why: string }[] = [];
  const carried = new Set<string>();
  const taken = new Set(options.taken);
  for (const { name, value } of section?.servers ?? []) {
    const result = importOne(name, value);
    if ('keep' in result) {
      kept.push({ name, why: result.keep });
      continue;
    }
    for (const reference of result.carried) carried.add(reference);
    const to = serverName(name, taken);
    taken.add(to);
    servers.set(to, {
      ...result.settings,
      ...(options.disabled.has(name) ? { disabled: true } : {}),
    });
    imported.push({ from: name, to, notes: result.notes });
  }
  return { servers, imported, kept, carried };

  function importOne(name: string, value: unknown): ReturnType<typeof importServer> {
    if (isGateway(value)) return { keep: 'it is Sallyport already' };
    if (options.keep.has(name)) return { keep: 'as you asked' };
    return importServer(value, options.context);
  }
}
