import { environment, programRoom, supervised, type ContainerSpec } from '../container.ts';

/** What the first process of a machine is told to run, as shell: its limits, and the supervisor as `"$@"`. */
export function launchScript(
  spec: Pick<ContainerSpec, 'limits' | 'lifeMs' | 'supervise' | 'hook' | 'language'>,
): string {
  const { limits, lifeMs } = spec;
  const command = [...environment(spec), 'sh', '-c', ...supervised(spec)];
  return [
    `work=${limits.work} tmp=${limits.tmp} program=${programRoom(limits)} life=${Math.ceil(lifeMs / 1000)}`,
    `processes=${limits.processes} files=${limits.openFiles}`,
    `set -- ${command.map(quoted).join(' ')}`,
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
