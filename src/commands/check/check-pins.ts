import type { Config } from '../../config/config.ts';
import type { Finding } from './finding.ts';
import { modeOf, OTHERS } from './mode.ts';

/** The lock file: there, well-formed, and nobody else's to change. */
export async function checkPins(
  config: Config,
  posix: boolean,
  parse: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const area = 'pins';
  const { lock, onNew } = config.catalogue;
  const mode = await modeOf(lock).catch(() => undefined);
  if (mode === undefined)
    return onNew === 'pin'
      ? [{ area, level: 'ok', message: `${lock} will be made: tools are trusted as first seen` }]
      : [
          {
            area,
            level: 'warning',
            message: `${lock} is not there: every tool is quarantined`,
            hint: 'sallyport pin shows the tools and accepts them',
          },
        ];
  const found = [...(await parse())];
  // Whoever can write it can accept a changed tool in the owner's name.
  if (posix && (mode & OTHERS.write) !== 0)
    found.push({
      area,
      level: 'error',
      message: `${lock} can be written by others`,
      hint: `chmod go-w ${lock}`,
    });
  return found;
}
