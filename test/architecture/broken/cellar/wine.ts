import { stove } from "../kitchen/stove.ts";

export const wine = stove.length;
