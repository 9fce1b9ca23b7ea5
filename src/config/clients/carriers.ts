export type Carriers = {
  /** The variable that carries `${reference}`, e.g. `SALLYPORT_INPUT_TOKEN` for `input:token`. */
  readonly nameFor: (reference: string) => string;
  /** The `env` of the gateway's entry that carries these references, besides what it had. */
  readonly environment: (references: Iterable<string>) => Record<string, unknown>;
};

/** Names environment variables that carry what only the client can know: its inputs, its workspace folder. */
export function createCarriers(given: Record<string, unknown>): Carriers {
  const carried = new Map(Object.entries(given));
  return { nameFor, environment };

  function nameFor(reference: string): string {
    const value = `\${${reference}}`;
    const base = `SALLYPORT_${reference.toUpperCase().replace(/[^A-Z0-9]+/gu, '_')}`;
    let name = base;
    for (let count = 2; carried.has(name) && carried.get(name) !== value; count++)
      name = `${base}_${count}`;
    carried.set(name, value);
    return name;
  }

  function environment(references: Iterable<string>): Record<string, unknown> {
    const wanted = new Set([...Object.keys(given), ...[...references].map(nameFor)]);
    return Object.fromEntries([...carried].filter(([name]) => wanted.has(name)));
  }
}
