/** What the rest of the program gets: defaults filled in, variables expanded, paths absolute, frozen. */
import type { BundleSettings } from '../bundle/bundle-options.ts';
import type { OwnClient } from '../identity/token-endpoint.ts';
import type { EgressRule } from '../sandbox/egress/allowlist.ts';
import type { Settings } from './schema.ts';

/** The container that a server runs in; paths of the host are absolute and not looked at yet. */
export type ServerSandbox = NonNullable<Settings['mcpServers'][string]['sandbox']>;

type Auth = NonNullable<Settings['mcpServers'][string]['auth']>;

/** One credential for all callers, written out by the owner; it stands among the headers or variables. */
export type SharedCredential = Pick<NonNullable<Auth['shared']>, 'classes'> & {
  /** What of it is worth stealing. */
  readonly secrets: readonly string[];
};

export type StdioServerConfig = {
  readonly kind: 'stdio';
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** In addition to what every child process gets. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute; absent: the folder the gateway runs in. With `sandbox` a folder inside of that. */
  readonly cwd?: string;
  readonly sandbox?: ServerSandbox;
  readonly shared?: SharedCredential;
  /** The variable in which each person's process has their own secret. */
  readonly secretIn?: string;
  /** Milliseconds without a request after which a process ends, until the next one; absent: it does not. */
  readonly idleMs?: number;
  /** Names of tools whose results the model gets as handles; `*`: all. */
  readonly handles?: readonly string[];
  readonly timeoutMs: number;
  readonly disabled: boolean;
};

export type HttpServerConfig = {
  readonly kind: 'http';
  readonly name: string;
  readonly url: string;
  /** By the transport of 2024-11-05 and no other. */
  readonly sse: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** How it is shown who asks; absent: everybody is the same to it. */
  readonly exchange?: NonNullable<Auth['exchange']>;
  /** The issuer of the caller vouches for them to the server's own. */
  readonly enterprise?: Omit<NonNullable<Auth['enterprise']>, 'client'> & { client: OwnClient };
  /** The gateway asks for a token of its own. */
  readonly ownToken?: Omit<NonNullable<NonNullable<Auth['shared']>['token']>, 'client'> & {
    client: OwnClient;
  };
  /** Each user signs in there by themselves. */
  readonly login?: NonNullable<Auth['login']>;
  readonly shared?: SharedCredential;
  /** The header in which it gets each person's own secret. */
  readonly secretIn?: string;
  /** Names of tools whose results the model gets as handles; `*`: all. */
  readonly handles?: readonly string[];
  readonly timeoutMs: number;
  readonly disabled: boolean;
};

export type ServerConfig = StdioServerConfig | HttpServerConfig;

type Verification = {
  readonly groupsClaim: string;
  readonly algorithms: readonly string[];
  readonly clockToleranceS: number;
};

/** The owner vouches (`user`), or a signed token proves (`token`) who sits in front of this machine. */
export type StdioIdentity =
  | { readonly kind: 'user'; readonly user: string; readonly groups: readonly string[] }
  | ({ readonly kind: 'token' } & (
      | { readonly token: string }
      /** Absolute; of this account alone, and read again when it changes. */
      | { readonly tokenFile: string }
    ) & {
        readonly issuer: string;
        readonly audience: string;
        /** A URL or an absolute path. */
        readonly jwks: string;
        readonly client?: OwnClient;
      } & Verification);

export type HttpIdentity = {
  readonly issuer: string;
  readonly audience: string;
  /** A URL or an absolute path; absent: discovered from the issuer. */
  readonly jwks?: string;
  /** The gateway's own credential at this issuer. */
  readonly client?: OwnClient;
  readonly requiredScopes: readonly string[];
} & Verification;

export type Config = {
  /** The file it came from; absent for a configuration made in memory. */
  readonly file?: string;
  /** The folder relative paths started from. */
  readonly folder: string;
  /** By name; the object has no prototype. */
  readonly mcpServers: Readonly<Record<string, ServerConfig>>;
  readonly builtin: { readonly code?: NonNullable<Settings['builtin']['code']> };
  /** Absent: no plans are offered. */
  readonly plans?: NonNullable<Settings['plans']>;
  readonly identity: { readonly stdio: StdioIdentity; readonly http?: HttpIdentity };
  /** Files and folders; none: the personal set that comes with the package. */
  readonly policy: {
    readonly path: readonly string[];
    /** In place of files and folders; its paths are absolute. */
    readonly bundle?: BundleSettings;
    /** Asked beside those in force, and never enforced; none: nothing is. */
    readonly shadow: readonly string[];
    readonly mode: 'enforce' | 'shadow';
    /** Folders by the name that policies call them by. */
    readonly zones: Readonly<Record<string, readonly string[]>>;
    /** Where a secret may go, over TLS. */
    readonly trustedHosts: readonly EgressRule[];
  };
  readonly catalogue: Settings['catalogue'];
  readonly scan: Settings['scan'];
  readonly sandbox: Settings['sandbox'];
  readonly state: { readonly path: string };
  readonly audit: { readonly path: string; readonly arguments: 'redacted' | 'digest' };
  /** As long as this file is there, every call is refused; absolute. */
  readonly kill: { readonly file?: string };
  readonly telemetry: Settings['telemetry'];
  readonly http: Settings['http'];
  readonly limits: Settings['limits'];
  /** Values that must never be written down, the longest first. */
  readonly secrets: readonly string[];
};
