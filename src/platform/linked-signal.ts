/**
 * A signal that aborts when one of its sources does, until it is disposed. `AbortSignal.any` cannot be disposed: Node 20 keeps such a signal, and
 * everything that listens to it, until it aborts. Node also keeps the signal of a Request until the Request is collected, so a listener that holds
 * the Request would keep both for as long as the process lives.
 */
export class LinkedSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];

  constructor(...sources: readonly (AbortSignal | undefined)[]) {
    this.#sources = sources.filter((source) => source !== undefined);
    for (const source of this.#sources) source.addEventListener("abort", this.#follow, { once: true });
    const aborted = this.#sources.find((source) => source.aborted);
    if (aborted) this.abort(aborted.reason);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts the signal, and none of its sources. */
  abort(reason?: unknown): void {
    this.#controller.abort(reason);
    this[Symbol.dispose]();
  }

  /** Lets go of the sources. The signal does not abort by itself any more. */
  [Symbol.dispose](): void {
    for (const source of this.#sources) source.removeEventListener("abort", this.#follow);
  }

  readonly #follow = ({ target }: Event): void => {
    this.abort((target as AbortSignal).reason);
  };
}
