import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { readAuthorization } from '../../src/identity/authorization.ts';
import { localCaller } from '../../src/identity/local-caller.ts';
import { ProofDenial } from '../../src/identity/proof.ts';
import { createProtectedResource } from '../../src/identity/protected-resource.ts';

describe('the Authorization header', () => {
  for (const [name, headers, want] of [
    ['none', [], undefined],
    ['one', ['Bearer a.b.c'], { scheme: 'Bearer', token: 'a.b.c' }],
    ['a lower-case scheme', ['bearer a.b.c'], { scheme: 'Bearer', token: 'a.b.c' }],
    ['an upper-case scheme', ['BEARER a.b.c'], { scheme: 'Bearer', token: 'a.b.c' }],
    ['a bound token', ['DPoP a.b.c'], { scheme: 'DPoP', token: 'a.b.c' }],
    ['a bound token in lower case', ['dpop a.b.c'], { scheme: 'DPoP', token: 'a.b.c' }],
    ['two schemes', ['Bearer a.b.c', 'DPoP a.b.c'], Denial],
    ['two schemes in one header', ['DPoP Bearer a.b.c'], Denial],
    ['two headers', ['Bearer a.b.c', 'Bearer d.e.f'], Denial],
    ['the same header twice', ['Bearer a.b.c', 'Bearer a.b.c'], Denial],
    ['two tokens in one header', ['Bearer a.b.c, Bearer d.e.f'], Denial],
    ['another scheme', ['Basic YWxpY2U6c2VjcmV0'], Denial],
    ['a scheme alone', ['Bearer'], Denial],
    ['a NUL', ['Bearer a.b\u0000.c'], Denial],
    ['an empty header', [''], Denial],
  ] as const)
    test(`${name} is read one way only`, () => {
      if (want === Denial)
        assert.throws(
          () => readAuthorization(headers),
          (thrown) => thrown instanceof Denial && thrown.code === 'token-invalid',
        );
      else assert.deepEqual(readAuthorization(headers), want);
    });
});

describe('the protected resource', () => {
  const resource = createProtectedResource({
    resource: 'https://gate.example/mcp',
    authorizationServers: ['https://idp.example'],
    scopes: ['mcp:tools', 'mcp:write'],
  });
  const where = 'resource_metadata="https://gate.example/.well-known/oauth-protected-resource/mcp"';

  test('describes itself as RFC 9728 says', () => {
    assert.deepEqual(resource.metadata, {
      resource: 'https://gate.example/mcp',
      authorization_servers: ['https://idp.example'],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'],
      scopes_supported: ['mcp:tools', 'mcp:write'],
    });
    assert.deepEqual(resource.paths, [
      '/.well-known/oauth-protected-resource/mcp',
      '/.well-known/oauth-protected-resource',
    ]);
  });

  for (const [code, message, want] of [
    ['token-missing', 'x', `Bearer scope="mcp:tools mcp:write", ${where}`],
    [
      'token-invalid',
      'it has "expired"\r\nX: y',
      `Bearer error="invalid_token", error_description="it has  expired   X: y", scope="mcp:tools mcp:write", ${where}`,
    ],
    [
      'scope-insufficient',
      'no',
      `Bearer error="insufficient_scope", error_description="no", scope="mcp:tools mcp:write", ${where}`,
    ],
  ] as const)
    test(`challenges ${code} with the metadata and every scope`, () => {
      assert.equal(resource.challenge(new Denial(code, message)), want);
    });

  test('challenges what came with a proof in the same scheme, and says which signatures count', () => {
    const algorithms = 'algs="ES256 EdDSA Ed25519 PS256 RS256"';
    assert.equal(
      resource.challenge(new ProofDenial('it was used before'), 'DPoP'),
      `DPoP error="invalid_dpop_proof", error_description="Cannot accept the proof of the key: it was used before", scope="mcp:tools mcp:write", ${algorithms}, ${where}`,
    );
    assert.match(
      resource.challenge(new Denial('token-invalid', 'no'), 'DPoP'),
      /^DPoP error="invalid_token"/u,
    );
  });

  test('a scope that would end the quotes is a mistake of the program', () => {
    const options = { resource: 'https://gate.example/mcp', authorizationServers: [] };
    assert.throws(() => createProtectedResource({ ...options, scopes: ['a" b="c'] }), TypeError);
  });
});

test('a local caller proves nothing', () => {
  assert.deepEqual(localCaller({ user: 'alice', groups: ['eng'] }), {
    issuer: 'local',
    subject: 'alice',
    client: 'local',
    groups: ['eng'],
    scopes: [],
    assurance: 0,
  });
});
