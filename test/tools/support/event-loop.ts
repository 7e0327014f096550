/** Counts how often other work gets its turn from now on: never while a call blocks the event loop until it ends. */
export function watchEventLoop(): { readonly turns: () => number } {
  let turns = 0;
  const timer = setInterval(() => {
    turns++;
  }, 1);
  return {
    turns: () => {
      clearInterval(timer);
      return turns;
    },
  };
}
