import type { Attachment } from './attach.ts';

/** Characters of a first line. */
const LONGEST = 400;

/**
 * The first line that a cell says, or as much of it as counts. Rejects with what `ended` makes of its stderr where it
 * ends before that, or `over` does. Ask before the cell starts: what it says while nobody listens is lost.
 */
export async function greeting(
  attachment: Attachment,
  ended: (why: string) => Error,
  over?: Promise<unknown>,
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const said = { stdout: '', stderr: '' };
    // The supervisor's closing mark stands behind it.
    const end = (): void => reject(ended(said.stderr.split('\u001e')[0]?.trim() ?? ''));
    attachment.listen({
      chunk(from, chunk) {
        said[from] += chunk.toString('latin1', 0, Math.max(0, LONGEST - said[from].length));
        const { stdout } = said;
        if (stdout.includes('\n') || stdout.length === LONGEST)
          resolve(stdout.split('\n')[0] ?? '');
      },
      end,
    });
    void over?.then(end);
  });
}
