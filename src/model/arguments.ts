import { encodeJsonBody } from "../platform/json-body.ts";

/**
 * Ends the arguments of a call that are no JSON. LangChain completes whatever it can when pieces are joined, so that a call which was
 * cut off would be made with half its arguments; no completion makes JSON of this, inside a string or outside.
 */
const CUT_MARK = String.raw`\…\…`;

/** What has to follow a call's arguments so that LangChain takes them for what they are: nothing after JSON, a mark after anything else. */
export function endOfArguments(written: string): string {
  return isArguments(written) ? "" : CUT_MARK;
}

/** Arguments as the wire expects them. They are JSON inside the JSON of the body, and llama-server decodes both. */
export function encodeArguments(values: unknown): string {
  return encodeJsonBody(values);
}

/** Unreadable arguments as a JSON string, since llama-server answers a history that holds no JSON with an error. */
export function encodeUnreadable(written: string): string {
  return encodeJsonBody(written.endsWith(CUT_MARK) ? written.slice(0, -CUT_MARK.length) : written);
}

/** A call without arguments may leave them out. */
function isArguments(written: string): boolean {
  if (written.trim() === "") return true;
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false; // which is what was asked
  }
}
