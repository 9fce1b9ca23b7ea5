import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  UnauthorizedError,
  type OAuthClientProvider,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type {
  OAuthClientInformationMixed,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import { createProtectedResource } from '../../src/identity/protected-resource.ts';
import { createVerifier } from '../../src/identity/verifier.ts';
import { echoSessions } from '../support/echo-session.ts';
import { freePort } from '../support/free-port.ts';
import { startAgent } from '../support/http-agent.ts';
import { startIdentityProvider } from '../support/identity-provider.ts';

const CALLBACK = 'http://127.0.0.1:1/callback';

/** What a program with a browser keeps; this one has none, and is told where the browser was sent. */
function signInAs(): OAuthClientProvider & { asked: URL | undefined } {
  let client: OAuthClientInformationMixed | undefined;
  let tokens: OAuthTokens | undefined;
  let verifier = '';
  return {
    asked: undefined,
    redirectUrl: CALLBACK,
    clientMetadata: {
      redirect_uris: [CALLBACK],
      client_name: 'a stock client',
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () => client,
    saveClientInformation(information) {
      client = information;
    },
    tokens: () => tokens,
    saveTokens(fresh) {
      tokens = fresh;
    },
    redirectToAuthorization(url) {
      this.asked = url;
    },
    saveCodeVerifier(fresh) {
      verifier = fresh;
    },
    codeVerifier: () => verifier,
  };
}

test('a stock client signs in by what it is told alone, and is whom it signed in', async () => {
  const port = await freePort();
  const audience = `http://127.0.0.1:${port}/mcp`;
  await using idp = await startIdentityProvider({
    resources: { [audience]: ['mcp:tools'] },
    users: { alice: { groups: ['board'] } },
  });
  const { issuer } = idp;
  const sessions = echoSessions();
  await using agent = await startAgent({
    ...sessions,
    port,
    verify: createVerifier({ issuer, audience, requiredScopes: ['mcp:tools'] }).verify,
    resource: createProtectedResource({
      resource: audience,
      authorizationServers: [issuer],
      scopes: ['mcp:tools'],
    }),
  });
  const authProvider = signInAs();
  const transport = new StreamableHTTPClientTransport(new URL(agent.url), { authProvider });
  const client = new Client({ name: 'stock', version: '1' });
  await assert.rejects(client.connect(transport), UnauthorizedError);
  assert.ok(authProvider.asked);
  const { searchParams: asked } = authProvider.asked;
  assert.equal(asked.get('resource'), audience);
  assert.equal(asked.get('scope'), 'mcp:tools');
  assert.equal(asked.get('code_challenge_method'), 'S256');

  const back = await idp.signIn(authProvider.asked, 'alice');
  assert.equal(back.searchParams.get('iss'), issuer);
  await transport.finishAuth(back.searchParams.get('code') ?? '');
  const again = new Client({ name: 'stock', version: '1' });
  await again.connect(new StreamableHTTPClientTransport(new URL(agent.url), { authProvider }));
  await again.close();
  const [session] = sessions.all;
  assert.equal(session?.caller.subject, 'alice');
  assert.equal(session.caller.issuer, issuer);
  assert.deepEqual(session.caller.groups, ['board']);
  assert.deepEqual(session.caller.scopes, ['mcp:tools']);
});
