export type Resolvers<T> = { readonly promise: Promise<T>; readonly resolve: (value: T) => void };

/** A promise and the function that fulfils it (`Promise.withResolvers` comes with Node 22). */
export function withResolvers<T>(): Resolvers<T> {
  const waiting: { resolve?: (value: T) => void } = {};
  const promise = new Promise<T>((resolve) => {
    waiting.resolve = resolve;
  });
  return { promise, resolve: (value) => waiting.resolve?.(value) };
}
