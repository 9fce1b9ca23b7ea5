/** Things to close, newest first, whatever fails on the way (`AsyncDisposableStack` comes with Node 24). */
export class Closers implements AsyncDisposable {
  #closers: (() => unknown)[] = [];

  add(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Hands everything over: whoever opened it successfully now owns it. */
  move(): Closers {
    const owner = new Closers();
    owner.#closers = this.#closers;
    this.#closers = [];
    return owner;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const problems: unknown[] = [];
    for (const close of this.#closers.splice(0).toReversed())
      try {
        await close();
      } catch (problem) {
        problems.push(problem);
      }
    if (problems.length > 0) throw new AggregateError(problems, 'Cannot close everything');
  }
}
