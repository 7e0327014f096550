import { wine } from "../cellar/wine.ts";

export type Stove = string;
export const stove: Stove = "x".repeat(wine);
