import type Docker from 'dockerode';
import { Denial } from '../denial.ts';
import { deadline } from './deadline.ts';
import type { DockerHost } from './docker-host.ts';
import { readFacts, type EngineFacts } from './engine-facts.ts';
import { mustHold, unreachable } from './engine-faults.ts';

export { unreachable } from './engine-faults.ts';

export type Engine = {
  readonly docker: Docker;
  readonly version: string;
  readonly cpus: number;
  readonly facts: EngineFacts;
};

const ANSWER_MS = 10_000;

/**
 * Reaches the engine and makes sure that it knows the runtime and keeps limits. Throws `sandbox-unavailable` with what a
 * person can do about it; `install` says how to come by the runtime. Docker's client is loaded here and not before: it takes 300 ms.
 */
export async function connect(
  host: DockerHost,
  runtime: string,
  install?: (runtime: string) => string,
): Promise<Engine> {
  const { default: Client } = await import('dockerode');
  try {
    const docker = new Client(host.options);
    const facts = await ask(docker, runtime);
    mustHold(facts, host, runtime, install);
    return { docker, version: facts.version, cpus: facts.cpus, facts };
  } catch (error) {
    throw error instanceof Denial ? error : unreachable(error, host);
  }
}

async function ask(docker: Docker, runtime: string): Promise<EngineFacts> {
  // A request that is only given up keeps the process alive. Both take options; their types do not say so.
  const mute = new AbortController();
  const put = async (question: 'info' | 'version'): Promise<unknown> => {
    const answer: unknown = await Reflect.apply(docker[question], docker, [
      { abortSignal: mute.signal },
    ]);
    return answer;
  };
  try {
    const answers = Promise.all([put('info'), put('version')]);
    const [info, version] = await deadline(answers, ANSWER_MS);
    return readFacts(info, version, runtime);
  } catch (error) {
    mute.abort();
    throw error;
  }
}
