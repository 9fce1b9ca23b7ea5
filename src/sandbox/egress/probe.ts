import { Denial } from '../../denial.ts';
import type { Language } from '../languages.ts';
import type { Sandbox } from '../sandbox.ts';

/** A name that no list can hold and no server has (RFC 6761 §6.4): the proxy's refusal shows that it was reached. */
const NOWHERE = 'sallyport.invalid';
const SAID = 'not-allowed:';
const TIME_MS = 20_000;

const PROGRAMS = {
  python: `import urllib.request, urllib.error
try:
    urllib.request.urlopen('http://${NOWHERE}/', timeout=10)
except urllib.error.HTTPError as error:
    print(error.read().decode())`,
  javascript: `fetch('http://${NOWHERE}/').then(async (answer) => console.log(await answer.text()));`,
  bash: `exec 3<> /dev/tcp/127.0.0.1/3128
printf 'GET http://${NOWHERE}/ HTTP/1.1\\r\\nHost: ${NOWHERE}\\r\\n\\r\\n' >&3
cat <&3`,
} as const satisfies Record<Language, string>;

/**
 * Makes sure that programs in each of the languages reach their way out, by asking there for what is refused. Throws a
 * `Denial` that says what to do. Nothing leaves this machine.
 */
export async function probeEgress(
  { run }: Pick<Sandbox, 'run'>,
  languages: readonly Language[],
  runtime: string,
): Promise<void> {
  for (const language of languages) {
    const { signal } = new AbortController();
    const program = { language, code: PROGRAMS[language], timeoutMs: TIME_MS, signal };
    const { stdout } = await run(program);
    if (stdout.includes(SAID)) continue;
    throw new Denial(
      'sandbox-unavailable',
      `Cannot connect from code: ${language} in the sandbox does not reach the socket of its way out`,
      {
        hint: `runsc opens no sockets of the host by itself: add "--host-uds=open" to the runtimeArgs of ${runtime} in Docker's daemon.json and restart Docker; an image of your own for bash also needs socat`,
      },
    );
  }
}
