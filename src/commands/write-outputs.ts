import { lstat, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../lib/fault.ts';
import type { Output, Outputs } from '../sandbox/handover.ts';
import { checkPath } from '../sandbox/program.ts';

/**
 * Makes sure that files of these names can be written below `folder`: nothing is there yet, and no link leads out of it.
 * Throws `Fault`, or `arguments-invalid` for what is no relative path.
 */
export async function checkFree(folder: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    checkPath(path);
    const steps = path.split('/');
    for (const at of steps.keys()) {
      const step = steps.slice(0, at + 1).join('/');
      const found = await look(join(folder, step));
      if (found && (step === path || !found.isDirectory()))
        throw new Fault(`Cannot write ${path}: ${step === path ? 'it' : step} is here already`, {
          hint: 'move it away, or run the command in another folder',
        });
    }
  }
}

/** Writes what came. Resolves to what is to be said of the rest, a line each; never overwrites. */
export async function writeOutputs(folder: string, outputs: Outputs): Promise<string[]> {
  const lines: string[] = [];
  for (const [path, output] of Object.entries(outputs)) {
    const file = join(folder, path);
    const bytes = bytesOf(output);
    if ('error' in output) lines.push(`no ${path}: ${output.error}`);
    else
      try {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, bytes, { flag: 'wx' });
      } catch (error) {
        lines.push(`no ${path}: ${String(error)}`);
      }
  }
  return lines;
}

function bytesOf(output: Output): Buffer {
  if ('text' in output) return Buffer.from(output.text);
  return Buffer.from('base64' in output ? output.base64 : '', 'base64');
}

async function look(path: string): Promise<Awaited<ReturnType<typeof lstat>> | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (code === 'ENOENT') return undefined;
    throw error;
  }
}
