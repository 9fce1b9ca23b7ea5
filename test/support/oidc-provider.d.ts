/** As much of oidc-provider as the tests use; it ships no declarations. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    callback(): RequestListener;
  }
  export const errors: { readonly InvalidTarget: new () => Error };
}
