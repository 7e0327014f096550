import type { Stove } from "../kitchen/stove.ts";

export type Warm = Stove;
