import type { ContainerCreateOptions } from 'dockerode';
import { hardened, readOnly, type HardenedSpec } from '../container.ts';
import { EGRESS_TARGET } from '../egress/target.ts';
import { LANGUAGES } from '../languages.ts';
import type { PinnedMount } from './mounts.ts';
import { APP } from './program.ts';

export type ServerSpec = Omit<HardenedSpec, 'mounts'> & {
  readonly image: string;
  readonly argv: readonly string[];
  /** `uid:gid`. */
  readonly user: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly PinnedMount[];
  /** A folder of the host that has the prepared package. */
  readonly app?: string;
  /** A folder of the host that holds the way out; absent: there is none. */
  readonly egress?: string;
};

/** What the gateway says when it has seen which kernel this is. */
export const GO = 'go\n';

/**
 * Tells its kernel and waits for the word: the server does not start in what is not gVisor. Then it takes this one's place,
 * so that the gateway's signals are its signals and its end is the container's.
 */
const START = `IFS= read -r kernel < /proc/version; printf '%s\\n' "$kernel"
IFS= read -r word && [ "$word" = go ] || exit 125
if [ -n "$SALLYPORT_EGRESS" ]; then
  if command -v python3 > /dev/null; then listening=$(python3 -IS ${EGRESS_TARGET}/shim.py 2> /dev/null &)
  elif command -v socat > /dev/null; then listening=$(bash ${EGRESS_TARGET}/shim.sh 2> /dev/null &); fi
fi
exec "$@"`;

/** What Docker is asked for: one server, one account's rights, the mounts that are written and no other. */
export function serverContainer(spec: ServerSpec): ContainerCreateOptions {
  const { app, egress } = spec;
  return {
    Image: spec.image,
    Entrypoint: ['sh', '-c', START, 'server', ...spec.argv],
    Cmd: [],
    User: spec.user,
    WorkingDir: spec.cwd,
    Hostname: 'sandbox',
    Env: Object.entries({
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: '/work',
      TMPDIR: '/tmp',
      LANG: 'C.UTF-8',
      ...(egress === undefined ? {} : wayOut()),
      ...spec.env,
      ...(egress === undefined ? {} : nodeOptions(spec.env)),
    }).map(([name, value]) => `${name}=${value}`),
    Labels: { ...spec.labels },
    ...hardened({
      ...spec,
      mounts: [
        ...spec.mounts.map(({ source, target, readOnly: ReadOnly }) => ({
          Type: 'bind' as const,
          Source: source,
          Target: target,
          ReadOnly,
        })),
        ...(app === undefined ? [] : [readOnly(app, APP)]),
        ...(egress === undefined ? [] : [readOnly(egress, EGRESS_TARGET)]),
      ],
    }),
  };
}

/** What the programs of any image look for. */
function wayOut(): Record<string, string> {
  const proxies = LANGUAGES.python.egress.env.map((entry): [string, string] => {
    const at = entry.indexOf('=');
    return [entry.slice(0, at), entry.slice(at + 1)];
  });
  const roots = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'];
  return {
    SALLYPORT_EGRESS: 'yes',
    ...Object.fromEntries(proxies),
    ...Object.fromEntries(roots.map((name) => [name, `${EGRESS_TARGET}/ca.pem`])),
  };
}

/** The owner's own options stay: the way out is one more. */
function nodeOptions({ NODE_OPTIONS: own = '' }: Readonly<Record<string, string>>): {
  NODE_OPTIONS: string;
} {
  return { NODE_OPTIONS: `--require=${EGRESS_TARGET}/preload.cjs ${own}`.trimEnd() };
}
