/** Work on one item; its signal aborts with the caller's, and when another item has failed. */
export type Work<Item, Result> = (item: Item, signal: AbortSignal) => Promise<Result>;

/**
 * Works on all items, so many at once, and gives the results in the items' order, each as soon as it and those before it are there.
 * The first failure ends the rest.
 */
export async function* inParallel<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: Work<Item, Result>,
  signal?: AbortSignal,
): AsyncGenerator<Result> {
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const running: Promise<Result>[] = [];
  const begin = () => {
    const item = items[running.length];
    if (running.length >= items.length) return;
    const result = work(item as Item, both);
    // whoever waits for it hears of it; nobody may by the time it fails
    result.catch(() => undefined);
    running.push(result);
    result.then(begin, () => undefined);
  };
  try {
    for (let slot = 0; slot < concurrency; slot++) begin();
    for (let position = 0; position < items.length; position++) {
      signal?.throwIfAborted();
      // the one before it may have ended just now, and begun it a moment later
      if (running[position] === undefined) begin();
      yield await (running[position] as Promise<Result>);
    }
  } finally {
    stop.abort();
  }
}
