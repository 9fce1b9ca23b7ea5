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

  --ended        also what was revived or is over
  --config FILE  the configuration of the gateway; by default as for sallyport approvals
  --json         one JSON document: { lastResort, kills: [{ id, scope, time, by, reason, expires, revived }] }

Exit code: 0; 2 wrong use, or a state that cannot be trusted: gateways refuse everything then.
`,
  async run(argv, io) {
    const { values } = parseOptions('kills', argv, {
      ended: { type: 'boolean', default: false },
      config: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const config = await configOf(values.config, io);
    const now = Date.now();
    const kills = openKills(config)
      .read()
      .filter((kill) => values.ended || isInForce(kill, now));
    const { file } = config.kill;
    const lastResort =
      file !== undefined && lstatSync(file, { throwIfNoEntry: false }) !== undefined;
    if (values.json) {
      const told = kills.map((kill) => ({ ...kill, ...timesOf(kill) }));
      io.stdout.write(`${visible(JSON.stringify({ lastResort, kills: told }))}\n`);
      return EXIT.ok;
    }
    if (lastResort) io.stdout.write(`everything is switched off while ${file} is there\n`);
    else if (kills.length === 0) io.stdout.write('nothing is switched off\n');
    for (const kill of kills) io.stdout.write(`${visible(line(kill))}\n`);
    return EXIT.ok;
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
