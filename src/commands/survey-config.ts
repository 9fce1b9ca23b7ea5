import { createLog } from '../audit/log.ts';
import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';
import { localCaller } from '../identity/local-caller.ts';
import { stdioCaller } from '../identity/stdio-caller.ts';
import { createSubjectTokens, type SubjectTokens } from '../identity/subject-tokens.ts';
import { createRedact } from '../audit/redact.ts';
import { visible } from '../lib/visible.ts';
import type { Config } from '../config/config.ts';
import type { UpstreamSpec } from '../gate.ts';
import { packageVersion } from '../lib/package-root.ts';
import type { ServersOptions } from '../servers.ts';
import { surveyUpstreams } from '../wire/survey.ts';
import type { Survey } from '../wire/survey.ts';
import type { Io } from './command.ts';

const LIST_MS = 15_000;
/** After this long without a word from a server, say that it is waited for. */
const SILENCE_MS = 3000;

type SurveyOptions = ServersOptions & { readonly subjects: SubjectTokens };

/** How servers are started for a look at them: what they print on the way is not shown. */
export function quietServers(config: Config, io: Io): SurveyOptions {
  const redact = createRedact({ secrets: config.secrets });
  const log = createLog({ destination: io.stderr, pretty: true, level: 'error', redact });
  const subjects = createSubjectTokens(Date.now);
  return { config, env: io.env, log, version: packageVersion(), subjects };
}

/** Lists what these servers offer; says on stderr which could not be listed. */
export async function survey(
  specs: readonly UpstreamSpec[],
  { config, version, subjects }: SurveyOptions,
  io: Io,
): Promise<Survey[]> {
  const caller = await callerOf(config, subjects, io);
  const connectMs = config.limits.connectTimeoutMs;
  const waitedFor = new Set(specs.map(({ name }) => name));
  const impatience = setTimeout(() => {
    const names = visible([...waitedFor].join(', '));
    io.stderr.write(`sallyport: Waiting for ${names}: a first start may have to download it\n`);
  }, SILENCE_MS);
  const surveys = await surveyUpstreams(specs, {
    version,
    caller,
    connectMs,
    listMs: LIST_MS,
    onListed: (server) => void waitedFor.delete(server),
  }).finally(() => clearTimeout(impatience));
  for (const { server, error } of surveys)
    if (error !== undefined)
      io.stderr.write(`${visible(`sallyport: Cannot list all of ${server}: ${error}`)}\n`);
  return surveys;
}

/** Who runs this command, as far as a server asks. */
async function callerOf({ identity }: Config, subjects: SubjectTokens, io: Io): Promise<Caller> {
  try {
    return await stdioCaller(identity.stdio, subjects);
  } catch (thrown) {
    const { message } = Denial.from(thrown);
    io.stderr.write(`sallyport: Cannot use identity.stdio.token: ${visible(message)}\n`);
    return localCaller({ user: 'nobody', groups: [] });
  }
}

/** The servers that could not be listed in full, and why. */
export function failures(
  surveys: readonly Survey[],
): { readonly server: string; readonly error: string }[] {
  return surveys.flatMap(({ server, error }) => (error === undefined ? [] : [{ server, error }]));
}
