import { isDeepStrictEqual } from 'node:util';
import { isInForce, scopeInWords, type Kill, type Thrown } from '../kill/kill.ts';
import { accountName } from '../lib/account.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import { visible } from '../lib/visible.ts';
import { isInsideGateway } from './approvals/inside-gateway.ts';
import type { Command } from './command.ts';
import { configOf } from './config-of.ts';
import { openKills } from './kill/open-kills.ts';
import { SCOPE_OPTIONS, SCOPE_USAGE, scopeFrom } from './kill/scope-options.ts';
import { parseOptions } from './parse-options.ts';
import { recordDecision } from './record-decision.ts';

export const command = {
  summary: 'take back what was switched off',
  usage: `Usage: sallyport revive ID… [--reason TEXT] [--config FILE]
       sallyport revive [--class C] [--server S] [--tool S/T] [--user U] [--client C] [--session ID] [--all] [--reason TEXT]

Takes back kills: those with these ids, or those of exactly what the options name (--all: kills of everything). One whose
file somebody has removed is taken back by its id.

${SCOPE_USAGE}  --reason TEXT  why; for the audit
  --config FILE  the configuration of the gateway; by default as for sallyport approvals

Exit code: 0; 1 nothing of the kind is switched off, or a gateway runs this; 2 wrong use, or a state that cannot be trusted.
`,
  async run(argv, io) {
    const { values, positionals } = parseOptions(
      'revive',
      argv,
      { ...SCOPE_OPTIONS, reason: { type: 'string', default: '' }, config: { type: 'string' } },
      true,
    );
    const { reason, config, ...named } = values;
    const scope = scopeFrom('revive', named);
    if ((scope === undefined) === (positionals.length === 0))
      throw new Fault('Cannot run revive: it takes ids or a scope', {
        hint: 'sallyport kills lists what is switched off',
      });
    if (isInsideGateway())
      throw new Fault('Cannot run revive: a gateway runs this, and it is for a person', {
        hint: 'run it in a terminal of your own',
        exit: EXIT.no,
      });
    const settings = await configOf(config, io);
    const kills = openKills(settings);
    const time = Date.now();
    const read = kills.read();
    const standing = read.kills.filter((kill) => isInForce(kill, time));
    const meant =
      scope === undefined
        ? byId([...standing, ...read.gone.map(withoutFile)], positionals)
        : sameScope(standing, scope);
    const revived = { time, by: accountName(), reason };
    const ended = meant.map((kill) => ({ ...kill, revived }));
    // The record first: nothing comes back that nobody can be asked about.
    await recordDecision(settings, 'revive', ended.map(kills.recordOf));
    for (const kill of ended) kills.write(kill);
    for (const { id, scope: what } of meant)
      io.stdout.write(
        read.gone.some((one) => one.id === id)
          ? `${id}: its file stays gone\n`
          : `${id}: ${visible(scopeInWords(what))} is switched on again\n`,
      );
    await kills.tidy().catch((thrown: unknown) => io.stderr.write(`${visible(String(thrown))}\n`));
    return EXIT.ok;
  },
} satisfies Command;

/** What it covered stood in its file; from now on it is one that a person has ended. */
function withoutFile({ id, time }: Thrown): Kill {
  return { id, time, scope: {}, by: 'unknown', reason: 'its file is gone' };
}

function byId(standing: readonly Kill[], ids: readonly string[]): Kill[] {
  return ids.map(
    (wanted) =>
      standing.find(({ id }) => id === wanted) ?? nothing(`no kill ${wanted} is in force`),
  );
}

function sameScope(standing: readonly Kill[], scope: Kill['scope']): Kill[] {
  const meant = standing.filter((kill) => isDeepStrictEqual(kill.scope, scope));
  return meant.length > 0 ? meant : nothing(`no kill of ${scopeInWords(scope)} is in force`);
}

function nothing(why: string): never {
  throw new Fault(visible(`Cannot revive: ${why}`), {
    hint: 'sallyport kills lists what is switched off',
    exit: EXIT.no,
  });
}
