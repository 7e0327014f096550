import type { CellResult } from "./results.ts";

export const STATUSES = ["pass", "fail", "unknown", "error", "missing"] as const;
/** How a cell ended; unknown when no check could tell, missing when it has not been asked. */
export type Status = (typeof STATUSES)[number];

export function statusOf({ answer, error, pass }: CellResult): Status {
  if (error !== undefined) return "error";
  if (answer === undefined) return "missing";
  if (pass === null) return "unknown";
  return pass ? "pass" : "fail";
}
