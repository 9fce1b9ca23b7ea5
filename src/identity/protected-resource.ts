import type { Denial } from '../denial.ts';
import type { Scheme } from './authorization.ts';
import { PROOF_ALGORITHMS, ProofDenial } from './proof.ts';

export type ProtectedResourceOptions = {
  /** The gateway's public URL, which is the audience of its tokens, e.g. `https://gate.example/mcp`. */
  readonly resource: string;
  readonly authorizationServers: readonly string[];
  /** All scopes a caller needs; every challenge names them all. */
  readonly scopes: readonly string[];
};

/** The gateway as an OAuth protected resource (RFC 9728). */
export type ProtectedResource = {
  /** The metadata document. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Paths under which clients look for it: the one of this resource, and the one of the host. */
  readonly paths: readonly string[];
  /** The `WWW-Authenticate` value for a refusal of what came with `scheme` (RFC 6750 §3, RFC 9449 §7.1, RFC 9728 §5.1). */
  challenge(denial: Denial, scheme?: Scheme): string;
};

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const SCOPE = /^[\u0021\u0023-\u005b\u005d-\u007e]+$/;
/** What may stand in a quoted `error_description` (RFC 6750 §3). */
const NOT_QUOTABLE = /[^\u0020\u0021\u0023-\u005b\u005d-\u007e]/g;

const ERRORS: Readonly<Record<string, string>> = {
  'token-invalid': 'invalid_token',
  'scope-insufficient': 'insufficient_scope',
};

/** A token may say scopes that could not stand in a header. */
function scopeOf(scopes: readonly string[]): readonly string[] {
  const named = [...new Set(scopes)].filter((scope) => SCOPE.test(scope));
  return named.length > 0 ? [`scope="${named.join(' ')}"`] : [];
}

/** Throws `TypeError` for a resource that is not a URL, or a scope that is not one. */
export function createProtectedResource(options: ProtectedResourceOptions): ProtectedResource {
  const { scopes } = options;
  const url = new URL(options.resource);
  if (url.hash !== '') throw new TypeError('Cannot name the resource: its URL has a fragment');
  for (const scope of scopes)
    if (!SCOPE.test(scope))
      throw new TypeError(`Cannot ask for the scope ${JSON.stringify(scope)}`);
  const path = `${WELL_KNOWN}${url.pathname === '/' ? '' : url.pathname}`;
  const where = `resource_metadata="${new URL(path, url).href}"`;

  return {
    metadata: {
      resource: options.resource,
      authorization_servers: [...options.authorizationServers],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: [...PROOF_ALGORITHMS],
      ...(scopes.length > 0 ? { scopes_supported: [...scopes] } : {}),
    },
    paths: [...new Set([path, WELL_KNOWN])],
    challenge(denial, scheme = 'Bearer') {
      const error = denial instanceof ProofDenial ? 'invalid_dpop_proof' : ERRORS[denial.code];
      return `${scheme} ${[
        ...(error === undefined
          ? []
          : [
              `error="${error}"`,
              `error_description="${denial.message.replaceAll(NOT_QUOTABLE, ' ')}"`,
            ]),
        ...scopeOf([...scopes, ...denial.scopes]),
        ...(scheme === 'DPoP' ? [`algs="${PROOF_ALGORITHMS.join(' ')}"`] : []),
        where,
      ].join(', ')}`;
    },
  };
}
