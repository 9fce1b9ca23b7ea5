import { scopeInWords } from '../kill/kill.ts';
import { accountName } from '../lib/account.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import { visible } from '../lib/visible.ts';
import type { Command } from './command.ts';
import { configOf } from './config-of.ts';
import { openKills } from './kill/open-kills.ts';
import { SCOPE_OPTIONS, SCOPE_USAGE, scopeFrom } from './kill/scope-options.ts';
import { parseOptions } from './parse-options.ts';
import { recordDecision } from './record-decision.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const command = {
  summary: 'switch off a class, a server, a tool, a person, a client, a session or everything',
  usage: `Usage: sallyport kill [--class C] [--server S] [--tool S/T] [--user U] [--client C] [--session ID] [--all]
                      --reason TEXT [--for TIME] [--config FILE]

Calls that all of what is named applies to are refused as "killed" by every gateway of this state within a second. Those
under way are cancelled at their servers, their sandboxes killed, and what they bring is kept back. It outlives restarts.

${SCOPE_USAGE}  --reason TEXT  why; callers are told
  --for TIME     until then: 90s, 30m, 12h, 7d; by default until sallyport revive
  --config FILE  the configuration of the gateway; by default as for sallyport approvals

sallyport kills lists what is switched off. Without this command: kill.file in the configuration names a file that, as long
as it is there, switches everything off; and SIGUSR1 to a gateway does what --all does.

Exit code: 0; 2 wrong use, or a state that cannot be trusted.
`,
  async run(argv, io) {
    const { values } = parseOptions('kill', argv, {
      ...SCOPE_OPTIONS,
      reason: { type: 'string' },
      for: { type: 'string' },
      config: { type: 'string' },
    });
    const { reason, for: duration, config, ...named } = values;
    const scope = scopeFrom('kill', named);
    if (scope === undefined)
      throw new Fault('Cannot run kill: what is to be switched off?', {
        hint: '--all for everything',
      });
    if (reason === undefined || reason.trim() === '')
      throw new Fault('Cannot run kill: it needs a --reason');
    const expires = duration === undefined ? {} : { expires: Date.now() + milliseconds(duration) };
    const settings = await configOf(config, io);
    const kills = openKills(settings);
    const kill = { ...kills.begin(), scope, by: accountName(), reason, ...expires };
    // The deed first: no audit that is broken may stand in its way.
    kills.write(kill);
    try {
      await recordDecision(settings, 'kill', [kills.recordOf(kill)]);
    } catch (cause) {
      throw new Fault('Cannot write the kill to the audit: it is in force all the same', { cause });
    }
    const server = scope.server ?? scope.tool?.split('/', 1)[0];
    if (server !== undefined && server !== 'code' && !Object.hasOwn(settings.mcpServers, server))
      io.stderr.write(`warning: ${visible(`the configuration has no server ${server}`)}\n`);
    io.stdout.write(
      `${visible(scopeInWords(scope))} is switched off; sallyport revive ${kill.id} takes it back\n`,
    );
    return EXIT.ok;
  },
} satisfies Command;

function milliseconds(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,5})([smhd])$/u.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? 0);
  if (ms > 0) return ms;
  throw new Fault('Cannot run kill: --for takes a time such as 90s, 30m, 12h or 7d');
}
