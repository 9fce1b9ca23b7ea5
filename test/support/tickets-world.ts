import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createIdentityProvider } from '../../servers/identity-provider/identity-provider.ts';
import { askForToken, fetchToken } from '../../servers/identity-provider/sign-in.ts';
import { createAudit } from '../../servers/tickets/audit.ts';
import { openTickets } from '../../servers/tickets/database.ts';
import { createTicketsHttp } from '../../servers/tickets/http-server.ts';
import { writeSample } from '../../servers/tickets/sample.ts';
import { SCOPES } from '../../servers/tickets/tickets-server.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { listenHttp } from './listen-http.ts';
import { scratch } from './scratch.ts';

type Context = Parameters<typeof listenHttp>[0];

export const GATE = 'https://gate.example/mcp';
export const OTHER = 'https://wiki.example/mcp';
/** What people grant the gate: its own scope, and what it may ask for in their name. */
export const GRANTED = ['mcp:tools', 'wiki:read', ...SCOPES].join(' ');
const AGENT = 'demo-agent';
export const GATEWAY = { id: 'gateway', secret: 'a-secret-of-the-test' };
const CALLBACK = 'http://127.0.0.1:1/callback';

export type TicketsWorld = {
  /** The resource of the tickets server, which is its URL. */
  readonly resource: string;
  readonly issuer: string;
  /** `user` signs in by password and gets a token for `resource`. */
  readonly token: (user: string, resource: string, scope: string) => Promise<string>;
  /** What the gateway gets for a token that was shown to it. */
  readonly exchange: (token: string, resource: string, scope: string) => Promise<string>;
  /** The gateway's own token. */
  readonly own: (resource: string, scope: string) => Promise<string>;
  /** As a gateway does: the user's token for the gate, exchanged for one for the tickets. */
  readonly delegated: (user: string, scope?: string) => Promise<string>;
  /** Seconds that the clock of the tickets server is ahead from now on. */
  readonly ahead: (seconds: number) => void;
  /** The issuer is gone, and with it its keys. */
  readonly endIssuer: () => void;
  readonly audit: () => JsonObject[];
  readonly database: string;
  /** Where everything is that the tickets server writes. */
  readonly folder: string;
  /** Tokens with which it was asked. */
  readonly shown: ReadonlySet<string>;
};

/** An identity provider and a tickets server, each on a port of its own. */
export async function ticketsWorld(
  context: Context,
  actors: readonly string[] = [GATEWAY.id],
): Promise<TicketsWorld> {
  const folder = await scratch(context);
  const database = join(folder, 'tickets.db');
  const file = join(folder, 'audit.jsonl');
  writeSample(database);
  const idp = createServer();
  const http = createServer();
  const issuer = await listenHttp(context, idp);
  const resource = `${await listenHttp(context, http)}/mcp`;
  const password = 'a password of the test';
  idp.on(
    'request',
    await createIdentityProvider({
      issuer,
      resources: { [GATE]: GRANTED.split(' '), [OTHER]: ['wiki:read'], [resource]: SCOPES },
      people: Object.fromEntries(
        ['alice', 'bob', 'dave'].map((name) => [name, { password, groups: [] }]),
      ),
      agent: { id: AGENT, redirectUri: CALLBACK },
      gateway: { ...GATEWAY, resource: GATE },
    }),
  );
  const shown = new Set<string>();
  http.on('request', ({ headers }) => shown.add(headers.authorization?.split(' ')[1] ?? ''));
  let ahead = 0;
  const now = (): Date => new Date(Date.now() + ahead * 1000);
  const tickets = openTickets(database);
  context.after(() => tickets.close());
  const jwks = new URL(`${issuer}/jwks`);
  const audit = createAudit(file, now);
  http.on(
    'request',
    createTicketsHttp({ tickets, audit, issuer, jwks, resource, actors, now, version: '0' }),
  );

  const ask = async (form: Record<string, string>): Promise<string> =>
    await askForToken(issuer, form, GATEWAY);
  const token = async (user: string, of: string, scope: string): Promise<string> =>
    await fetchToken({
      issuer,
      client: AGENT,
      redirectUri: CALLBACK,
      user,
      password,
      resource: of,
      scope,
    });
  const exchange: TicketsWorld['exchange'] = async (subject, audience, scope) =>
    await ask({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subject,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience,
      scope,
    });

  return {
    resource,
    issuer,
    database,
    folder,
    shown,
    token,
    exchange,
    own: async (audience, scope) =>
      await ask({ grant_type: 'client_credentials', resource: audience, scope }),
    delegated: async (user, scope = SCOPES.join(' ')) =>
      await exchange(await token(user, GATE, GRANTED), resource, scope),
    ahead(seconds) {
      ahead = seconds;
    },
    endIssuer() {
      idp.close();
      idp.closeAllConnections();
    },
    audit: () =>
      readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => {
          const entry: JsonObject = JSON.parse(line);
          return entry;
        }),
  };
}
