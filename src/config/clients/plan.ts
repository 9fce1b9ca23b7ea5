import { join } from 'node:path';

import { createCarriers } from './carriers.ts';
import { readClientText, type SectionEdit } from './client-text.ts';
import type { ClientFile, Scope } from './clients.ts';
import { secretsIn } from '../secrets.ts';
import { argsOf, environmentOf, gatewayEntry, isGateway, type Launcher } from './entry.ts';
import { changedGatewayFile, namesIn, newGatewayFile } from './gateway-file.ts';
import { importSection, type ImportedServer } from './import-section.ts';
import type { Journal, Write } from './journal.ts';
import { readIfThere } from './read-if-there.ts';
import { fileFolder, gatewayFolder, sectionPlaces, type Place } from './places.ts';

export type PlanOptions = {
  /** The folder of this client's generated files and journals. */
  readonly folder: string;
  readonly launcher: Launcher;
  /** Names of servers that stay with the client. */
  readonly keep: ReadonlySet<string>;
  /** Servers of a project file that the person has disabled elsewhere. */
  readonly switchedOff: ReadonlySet<string>;
  /** Entries of the gateway that this client already has in other files. */
  readonly entries: Journal['entries'];
};

/** What happens to one object of servers. */
export type SectionPlan = {
  readonly scope: Scope;
  readonly gateway: Write;
  readonly entry: string;
  readonly imported: readonly ImportedServer[];
};

export type FilePlan = {
  readonly file: ClientFile;
  /** The folder of the journal. */
  readonly folder: string;
  readonly sections: readonly SectionPlan[];
  readonly kept: readonly { readonly name: string; readonly why: string }[];
  /** The client's own file; absent when there is nothing to do. */
  readonly change: Write | undefined;
  readonly entries: Journal['entries'];
  /** What must not be shown of all this. */
  readonly secrets: readonly string[];
};

/** Plans the change of one client file; undefined when there is no such file. Writes nothing. Throws Fault. */
export async function planFile(
  file: ClientFile,
  options: PlanOptions,
): Promise<FilePlan | undefined> {
  const before = await readIfThere(file.path);
  if (before === undefined) return undefined;
  const text = readClientText(before, file.path);
  const plans: { plan: SectionPlan; edit: SectionEdit }[] = [];
  const kept: { name: string; why: string }[] = [];
  const entries: Journal['entries'] = [...options.entries];
  for (const place of sectionPlaces(file, text, options.switchedOff)) {
    const plan = await planSection(place);
    if (plan) plans.push(plan);
  }
  const edits = plans.map(({ edit }) => edit);
  return {
    file,
    folder: fileFolder(file, options.folder),
    sections: plans.map(({ plan }) => plan),
    kept,
    change: edits.length === 0 ? undefined : { path: file.path, before, after: text.edit(edits) },
    entries: plans.map(({ plan }) => ({ scope: plan.scope, name: plan.entry })),
    secrets: secretsIn(text.valueAt([])),
  };

  async function planSection(place: Place): Promise<(typeof plans)[number] | undefined> {
    const section = text.sectionAt(place.path);
    const own = section?.servers.find(({ value }) => isGateway(value));
    const folder = gatewayFolder(file, place, options.folder);
    const path = join(folder, 'sallyport.yaml');
    const existing = await readIfThere(path);
    const joins = own !== undefined && existing !== undefined && argsOf(own.value).includes(path);

    const carriers = createCarriers(joins ? environmentOf(own.value) : {});
    const found = importSection(section, {
      taken: joins ? namesIn(existing.toString()) : [],
      keep: options.keep,
      disabled: place.disabled,
      context: { dialect: file.dialect, base: place.project, carrier: carriers.nameFor },
    });
    kept.push(...found.kept.filter(({ name }) => !joins || name !== own.name));
    const { imported, servers } = found;
    if (imported.length === 0) return undefined;

    const entry = joins ? own.name : freeName(place.scope, found.kept);
    entries.push({ scope: place.scope, name: entry });
    const after =
      existing === undefined
        ? newGatewayFile(`${file.title}, ${file.path}`, servers)
        : changedGatewayFile(existing.toString(), path, servers, !joins);
    const value = gatewayEntry(file, options.launcher, path, carriers.environment(found.carried));
    const gateway = { path, before: existing ?? null, after };
    const remove = new Set(imported.map(({ from }) => from));
    return {
      plan: { scope: place.scope, gateway, entry, imported },
      edit: { path: place.path, remove, entry: { name: entry, value } },
    };
  }

  /** In most clients the nearer scope hides an entry of the same name, and the servers behind it would be gone. */
  function freeName(scope: Scope, present: readonly { readonly name: string }[]): string {
    const hidden = entries.filter((entry) => entry.scope !== scope);
    const used = new Set([...hidden, ...present].map(({ name }) => name));
    const candidates = ['sallyport', `sallyport-${scope}`];
    for (let count = 2; ; count++) {
      const free = candidates.find((name) => !used.has(name));
      if (free !== undefined) return free;
      candidates.push(`sallyport-${count}`);
    }
  }
}
