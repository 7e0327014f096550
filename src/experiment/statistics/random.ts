import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Random numbers that a seed decides, so that a report can be made again to the last digit. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** A whole number from 0 on, less than `limit`; for limits up to some millions, beyond which 32 bits are too coarse. */
  below(limit: number): number {
    return Math.floor(((this.#generator.next() >>> 0) / 2 ** 32) * limit);
  }

  /** From 0 on, less than 1. */
  fraction(): number {
    return uniformFloat64(this.#generator);
  }

  /** 32 fair coins. */
  bits(): number {
    return this.#generator.next();
  }
}
