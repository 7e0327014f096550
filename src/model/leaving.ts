/**
 * Hands a signal to a generator that is aborted when its reader leaves. A generator that waits for its next value takes note of
 * `return()` only when that has come, which with a slow server may be minutes later; a signal reaches what it waits for at once.
 *
 * @param generate makes the generator; the signal is the reader's own too, if there is one
 */
export function endedByLeaving<Value>(
  signal: AbortSignal | undefined,
  generate: (signal: AbortSignal) => AsyncGenerator<Value>,
): AsyncGenerator<Value> {
  const left = new AbortController();
  const generator = generate(signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]));
  const leave = generator.return.bind(generator);
  generator.return = async (value) => {
    left.abort();
    return await leave(value);
  };
  return generator;
}
