import { isJsonObject } from '../../lib/json.ts';
import type { Classified } from '../frames.ts';
import { LEGACY_VERSIONS } from '../methods.ts';
import { HttpRefusal } from './refusal.ts';

/** Where a request of the modern era (2026-07-28 and later) states its version. */
const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';

/**
 * Refuses a message of an era that is not served, naming the versions that are, so that a client of both eras falls back
 * (specification 2026-07-28, version negotiation: 400 with -32022). The body decides; a header that disagrees is -32020.
 */
export function requireLegacy(message: Classified, header: string | undefined): void {
  const id = message.kind === 'request' ? message.id : null;
  const claimed = message.kind === 'response' ? undefined : claimedVersion(message.params);
  if (claimed !== undefined && header !== undefined && claimed !== header)
    throw new HttpRefusal(
      'header-mismatch',
      'Cannot accept the request: MCP-Protocol-Version disagrees with the body',
      { id },
    );
  if (claimed !== undefined) throw unsupported(claimed, id);
  // `initialize` negotiates in its body; what the header says before is not agreed yet.
  if (message.kind === 'request' && message.method === 'initialize') return;
  requireLegacyHeader(header, id);
}

/** The same for what has no body. An absent header means the version that was negotiated. */
export function requireLegacyHeader(
  header: string | undefined,
  id: string | number | null = null,
): void {
  if (header !== undefined && !LEGACY_VERSIONS.some((known) => known === header))
    throw unsupported(header, id);
}

function claimedVersion(
  params: Extract<Classified, { kind: 'request' }>['params'],
): string | undefined {
  const meta = params['_meta'];
  const claim = isJsonObject(meta) ? meta[VERSION_KEY] : undefined;
  return typeof claim === 'string' ? claim : undefined;
}

function unsupported(requested: string, id: string | number | null): HttpRefusal {
  return new HttpRefusal('version', 'Cannot accept the request: Unsupported protocol version', {
    id,
    data: { supported: LEGACY_VERSIONS, requested: requested.slice(0, 64) },
  });
}
