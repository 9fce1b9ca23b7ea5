import type { Config } from '../../config/config.ts';
import { Denial } from '../../denial.ts';
import { Fault } from '../../lib/fault.ts';
import { checkAudit, checkState } from './check-folders.ts';
import { hasInside } from './check-inside.ts';
import { checkConfiguration } from './check-configuration.ts';
import { checkPins } from './check-pins.ts';
import { checkUpstreams } from './check-upstreams.ts';
import type { Area, Check, Finding } from './finding.ts';

export type Found = Pick<Finding, 'level' | 'message' | 'hint'>;

/** Looks into a part that needs its own machinery: resolves to what is fine, throws a Fault or Denial for what is not. */
export type Probe = (config: Config) => Promise<string | readonly Found[]>;

export type Probes = {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly policy: Probe;
  /** Called when the lock file is there. */
  readonly pins: Probe;
  /** Called when the configuration offers code tools; covers Docker and runsc. */
  readonly sandbox: Probe;
  /** Called when a server runs in a sandbox. */
  readonly inside: (config: Config) => Promise<readonly Finding[]>;
};

const DEADLINE_MS = 60_000;
/** Images may have to be built; each step of it has a deadline of its own. */
const SANDBOX_MS = 60 * 60_000;
/** Packages may have to be installed and images built. */
const INSIDE_MS = 15 * 60_000;

/** Every check that applies to this configuration, in the order in which people read the answers. */
export function createChecks(config: Config, probes: Probes): readonly Check[] {
  const posix = probes.platform !== 'win32';
  return [
    check('configuration', () => checkConfiguration(config, posix)),
    check('policy', () => probed('policy', probes.policy)),
    check('pins', () => checkPins(config, posix, () => probed('pins', probes.pins))),
    check('state', () => checkState(config.state.path, posix)),
    check('audit', () => checkAudit(config.audit.path)),
    check('upstream', () => checkUpstreams(config, probes)),
    ...(config.builtin.code
      ? [check('sandbox', () => probed('sandbox', probes.sandbox), SANDBOX_MS)]
      : []),
    ...(hasInside(config) ? [check('sandbox', () => probes.inside(config), INSIDE_MS)] : []),
  ];

  async function probed(area: Area, probe: Probe): Promise<readonly Finding[]> {
    const found = await probe(config);
    if (typeof found === 'string') return [{ area, level: 'ok', message: found }];
    return found.map((each) => ({ area, ...each }));
  }
}

/** One check that hangs or breaks is a finding; the others still speak. */
function check(area: Area, look: () => Promise<readonly Finding[]>, ms = DEADLINE_MS): Check {
  return { area, run };

  async function run(): Promise<readonly Finding[]> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      const late = new Fault(`Cannot check ${area}: no answer in ${ms / 1000} s`);
      timer = setTimeout(() => reject(late), ms);
    });
    try {
      return await Promise.race([look(), deadline]);
    } catch (error) {
      return [asFinding(area, error)];
    } finally {
      clearTimeout(timer);
    }
  }
}

function asFinding(area: Area, error: unknown): Finding {
  if (!(error instanceof Fault) && !(error instanceof Denial))
    return { area, level: 'error', message: `Cannot check ${area}: internal error` };
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return { area, level: 'error', message: error.message, ...hint };
}
