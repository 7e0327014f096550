import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Something that is timed: what it does, and how much of it. */
export interface Contender {
  readonly what: string;
  /** UTF-8 bytes that one run reads. */
  readonly bytes: number;
  readonly run: () => unknown;
}

export interface SpeedRow {
  readonly what: string;
  /** Megabytes a second, the median of the rounds. */
  readonly "MB/s": number;
  /** Beside the peer in the same round: the median, the least and the most. */
  readonly ratio: number;
  readonly "ratio from": number;
  readonly "ratio to": number;
  readonly rounds: number;
}

/**
 * Times contenders beside a peer. Each round runs all of them one after the other, so that a machine that is busy for a while
 * slows all alike and the ratios stay true.
 */
export function compareSpeeds(peer: Contender, contenders: readonly Contender[], rounds = 7): SpeedRow[] {
  const all = [peer, ...contenders];
  for (const { run } of all) run();
  const speeds = all.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    all.forEach((contender, index) => speeds[index]?.push(speedOf(contender)));
  }
  return all.map(({ what }, index) => {
    const own = speeds[index] ?? [];
    const ratios = own.map((speed, round) => speed / (speeds[0]?.[round] ?? Number.NaN));
    return {
      what,
      "MB/s": median(own),
      ratio: median(ratios),
      "ratio from": Math.min(...ratios),
      "ratio to": Math.max(...ratios),
      rounds,
    };
  });
}

/** Milliseconds after which a contender has been timed enough: long beside a pause of the garbage collector. */
const ENOUGH_MS = 200;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What is too fast for the clock is run several times. Nobody pays for the garbage of whoever ran before. */
function speedOf({ bytes, run }: Contender): number {
  collectGarbage();
  const begin = performance.now();
  let runs = 0;
  let milliseconds = 0;
  do {
    run();
    runs++;
    milliseconds = performance.now() - begin;
  } while (milliseconds < ENOUGH_MS);
  return (bytes * runs) / 1_000 / milliseconds;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
