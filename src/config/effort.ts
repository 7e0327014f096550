import { createError } from "../i18n/error-messages.ts";

export const EFFORTS = ["low", "medium", "high"] as const;
/** How long gpt-oss thinks before it answers. */
export type Effort = (typeof EFFORTS)[number];

/** OpenAI's other efforts, as the nearest that gpt-oss was trained with. */
const NEAREST_EFFORT: ReadonlyMap<unknown, Effort> = new Map([
  ...EFFORTS.map((effort) => [effort, effort] as const),
  ["none", "low"],
  ["minimal", "low"],
  ["xhigh", "high"],
  ["max", "high"],
]);

/** The effort nearest to one of OpenAI's or Anthropic's; undefined for anything else. */
export function findEffort(given: unknown): Effort | undefined {
  return NEAREST_EFFORT.get(given);
}

/** The same; undefined for none. @throws GptOssError `usage` for an unknown effort */
export function nearestEffort(given: unknown): Effort | undefined {
  if (given === undefined || given === null) return undefined;
  const effort = findEffort(given);
  if (effort !== undefined) return effort;
  throw createError("unknownEffort", [typeof given === "string" ? given : JSON.stringify(given), EFFORTS.join(", ")]);
}
