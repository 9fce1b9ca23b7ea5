/** As much of oidc-provider as the tests use; it ships no declarations. */
declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

  export type Client = { readonly clientId: string };
  export type Token = { readonly accountId?: string; readonly extra?: unknown };
  export type Context = {
    readonly oidc: {
      readonly client: Client;
      readonly params: Readonly<Record<string, string | undefined>>;
      entity(name: 'AccessToken', token: Token): void;
    };
    body: unknown;
  };
  export type Interaction = {
    readonly prompt: {
      readonly name: string;
      readonly details: {
        readonly missingOIDCScope?: readonly string[];
        readonly missingResourceScopes?: Readonly<Record<string, readonly string[]>>;
      };
    };
    readonly params: { readonly client_id: string };
    readonly session?: { readonly accountId: string };
  };

  class Grant {
    constructor(of: { readonly clientId: string; readonly accountId: string });
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }
  class ResourceServer {
    constructor(resource: string, of: object);
    readonly audience: string;
  }
  class AccessToken implements Token {
    constructor(of: {
      readonly client: Client;
      readonly accountId: string;
      readonly grantId: string;
      readonly gty: string;
      readonly scope: string;
      readonly expiresWithSession: boolean;
    });
    resourceServer: ResourceServer;
    readonly accountId: string;
    readonly expiration: number;
    readonly scope: string;
    save(): Promise<string>;
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    readonly Grant: typeof Grant;
    readonly ResourceServer: typeof ResourceServer;
    readonly AccessToken: typeof AccessToken;
    callback(): RequestListener;
    on(event: 'server_error', listener: (context: unknown, error: Error) => void): void;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: object,
      options: { readonly mergeWithLastSubmission: boolean },
    ): Promise<void>;
    registerGrantType(
      name: string,
      handle: (context: Context) => Promise<void>,
      parameters: readonly string[],
      repeatable: readonly string[],
    ): void;
  }
  export const errors: {
    readonly InvalidTarget: new () => Error;
    readonly InvalidGrant: new (detail: string) => Error;
    readonly InvalidScope: new (detail: string, scope: string) => Error;
    readonly InvalidRequest: new (detail: string) => Error;
    readonly AccessDenied: new (detail: string) => Error;
  };
}
