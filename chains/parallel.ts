/** Work on one item; its signal aborts with the caller's, and when another item has failed. */
export type Work<Item, Result> = (item: Item, signal: AbortSignal) => Promise<Result>;

/**
 * Works on all items, so many at once (one at least), and gives the results in the items' order, each as soon as it and those before it
 * are there. The first failure ends the rest; after it, an abort or the reader's leaving no further item is begun.
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
  let fail: ((failure: unknown) => void) | undefined;
  const failing = new Promise<never>((_resolve, reject) => (fail = reject));
  // the error reaches those who wait for a result; there may be none when something fails
  failing.catch(() => undefined);
  const begin = () => {
    const item = items[running.length];
    if (both.aborted || running.length >= items.length) return;
    const result = work(item as Item, both);
    running.push(result);
    result.then(begin, (failure: unknown) => {
      fail?.(failure);
      stop.abort();
    });
  };
  try {
    for (let slot = 0; slot < Math.min(items.length, Math.max(1, concurrency)); slot++) begin();
    for (let position = 0; position < items.length; position++) {
      signal?.throwIfAborted();
      yield await Promise.race([running[position] as Promise<Result>, failing]);
    }
  } finally {
    stop.abort();
  }
}
