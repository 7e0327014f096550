/** A signal that follows another for a while, and leaves no listener there. */
export class RequestSignal implements Disposable {
  readonly #followed: AbortSignal | undefined;
  readonly #own = new AbortController();
  readonly #abort = () => {
    this.#own.abort(this.#followed?.reason);
  };

  constructor(followed: AbortSignal | undefined) {
    this.#followed = followed;
    if (followed?.aborted) this.#abort();
    followed?.addEventListener("abort", this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  [Symbol.dispose](): void {
    this.#followed?.removeEventListener("abort", this.#abort);
  }
}
