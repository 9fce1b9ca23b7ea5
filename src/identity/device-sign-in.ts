import { setTimeout } from 'node:timers/promises';
import * as oauth from 'oauth4webapi';
import { Fault } from '../lib/fault.ts';
import { mayLeadTo } from './discover-upstream.ts';
import { authenticationOf, loginClientOf } from './login-client.ts';
import { askingOf, loginOf, type Login, type AskOptions } from './sign-in.ts';

export type DeviceSignInOptions = AskOptions & {
  /** The server one signs in to. */
  readonly server: URL;
  /** Shows the person which page to open, in any browser, and what to type there. */
  readonly show: (page: URL, code: string) => void;
};

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** Between two questions, in seconds: what an issuer says is kept within these. */
const INTERVAL_S = { least: 1, unsaid: 5, most: 60 };
/** Nobody waits longer, whatever an issuer says. */
const MOST_S = 1800;
const CODE = /^[\u0020-\u007e]{1,64}$/u;

/**
 * The device flow (RFC 8628): where no browser can come back to this machine, the person types a code into a page.
 * Throws `Fault`, or what the issuer refused with.
 */
export async function deviceSignIn(options: DeviceSignInOptions): Promise<Login> {
  const { where, server, scopes, show, signal } = options;
  const { as, resource } = where;
  if (as.device_authorization_endpoint === undefined)
    throw new Fault(`Cannot sign in at ${as.issuer}: it has no device flow`, {
      hint: 'sign in with a browser on this machine, without --device',
    });
  const asking = askingOf(options);
  const use = { redirect_uris: [], grant_types: [GRANT, 'refresh_token'], response_types: [] };
  const known = await loginClientOf(options, use, asking);
  const client: oauth.Client = { client_id: known.id };
  const authentication = authenticationOf(known);
  const begun = await oauth.processDeviceAuthorizationResponse(
    as,
    client,
    await oauth.deviceAuthorizationRequest(
      as,
      client,
      authentication,
      { resource, ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}) },
      asking,
    ),
  );
  if (!mayLeadTo(begun.verification_uri, server) || !CODE.test(begun.user_code))
    throw new Fault(`Cannot sign in at ${as.issuer}: what it would have you open cannot be used`);
  // The page alone: what fills in the code itself lets a person confirm one that is not theirs (RFC 8628 §5.4).
  show(new URL(begun.verification_uri), begun.user_code);
  const late = AbortSignal.any([
    signal,
    AbortSignal.timeout(Math.min(begun.expires_in, MOST_S) * 1000),
  ]);
  let interval = begun.interval ?? INTERVAL_S.unsaid;
  for (;;) {
    const seconds = Math.min(Math.max(interval, INTERVAL_S.least), INTERVAL_S.most);
    await setTimeout(seconds * 1000, undefined, { signal: late }).catch(() => {
      throw new Fault('Cannot sign in: nobody typed the code in time', { exit: 1 });
    });
    const response = await oauth.deviceCodeGrantRequest(
      as,
      client,
      authentication,
      begun.device_code,
      { ...asking, additionalParameters: { resource } },
    );
    const answer = await oauth
      .processDeviceCodeResponse(as, client, response)
      .catch((thrown: unknown) => {
        const code = thrown instanceof oauth.ResponseBodyError ? thrown.error : undefined;
        if (code === 'slow_down') interval += 5;
        else if (code !== 'authorization_pending') throw thrown;
      });
    if (answer) return loginOf(where, known, scopes, answer);
  }
}
