import { lstatSync } from 'node:fs';
import { isInForce, scopeInWords, type Kill } from '../kill/kill.ts';
import { EXIT } from '../lib/fault.ts';
import { visible } from '../lib/visible.ts';
import type { Command } from './command.ts';
import { configOf } from './config-of.ts';
import { openKills } from './kill/open-kills.ts';
import { parseOptions } from './parse-options.ts';

export const command = {
  summary: 'what is switched off',
  usage: `Usage: sallyport kills [--ended] [--config FILE] [--json]

Lists what is switched off, oldest first, with who did it and why.

  --ended        also what was revived or is over, within the last hour at least
  --config FILE  the configuration of the gateway; by default as for sallyport approvals
  --json         one JSON document: { lastResort, gone: [id], kills: [{ id, scope, time, by, reason, expires, revived }] }

Exit code: 0; 1 the file of a kill is gone, so that gateways refuse everything; 2 wrong use, or a state that cannot be trusted: gateways refuse everything then.
`,
  async run(argv, io) {
    const { values } = parseOptions('kills', argv, {
      ended: { type: 'boolean', default: false },
      config: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const config = await configOf(values.config, io);
    const now = Date.now();
    const { kills: all, gone } = openKills(config).read();
    const kills = all.filter((kill) => values.ended || isInForce(kill, now));
    const exit = gone.length === 0 ? EXIT.ok : EXIT.no;
    const { file } = config.kill;
    const lastResort =
      file !== undefined && lstatSync(file, { throwIfNoEntry: false }) !== undefined;
    if (values.json) {
      const told = kills.map((kill) => ({ ...kill, ...timesOf(kill) }));
      io.stdout.write(
        `${visible(JSON.stringify({ lastResort, gone: gone.map(({ id }) => id), kills: told }))}\n`,
      );
      return exit;
    }
    for (const { id } of gone)
      io.stdout.write(
        `everything is switched off: the file of ${id} is gone; sallyport audit show --event kill says what it covered, sallyport revive ${id} takes it back\n`,
      );
    if (lastResort) io.stdout.write(`everything is switched off while ${file} is there\n`);
    else if (kills.length === 0 && gone.length === 0) io.stdout.write('nothing is switched off\n');
    for (const kill of kills) io.stdout.write(`${visible(line(kill))}\n`);
    return exit;
  },
} satisfies Command;

function timesOf({ time, expires, revived }: Kill): Record<string, unknown> {
  return {
    time: at(time),
    ...(expires !== undefined && { expires: at(expires) }),
    ...(revived !== undefined && { revived: { ...revived, time: at(revived.time) } }),
  };
}

function line({ id, scope, time, by, reason, expires, revived }: Kill): string {
  return [
    id,
    scopeInWords(scope),
    `since ${at(time)}`,
    `by ${by}: ${reason}`,
    ...(expires === undefined ? [] : [`until ${at(expires)}`]),
    ...(revived === undefined ? [] : [`revived ${at(revived.time)} by ${revived.by}`]),
  ].join('  ');
}

const at = (time: number): string => new Date(time).toISOString();
