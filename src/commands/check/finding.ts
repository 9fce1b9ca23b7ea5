/** What was looked at. A missing part of the environment is another exit code than a wrong file. */
export const AREAS = {
  configuration: 'own',
  policy: 'own',
  pins: 'own',
  state: 'own',
  audit: 'own',
  upstream: 'environment',
  sandbox: 'environment',
} as const;

export type Area = keyof typeof AREAS;

export type Finding = {
  readonly area: Area;
  readonly level: 'error' | 'warning' | 'ok';
  readonly message: string;
  readonly hint?: string;
};

/** One independent look; resolves to what it found, and does not throw for what it was made to find. */
export type Check = { readonly area: Area; run(): Promise<readonly Finding[]> };
