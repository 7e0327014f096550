import type { ToolEvent } from "./guard/tool-event.ts";
import { revealLine } from "../text/showable-text.ts";

/** Characters of arguments that one line shows. */
const MOST_CHARACTERS = 200;

/** A call in one line for a person: its arguments when it begins, how it went, how long it took and the size of its result when it ends. */
export function describeToolEvent(event: ToolEvent): string {
  if (event.type === "tool-start") {
    const input = revealLine(JSON.stringify(event.input) ?? "");
    const shown = input.length > MOST_CHARACTERS ? `${input.slice(0, MOST_CHARACTERS)}…` : input;
    return `[tool] ${revealLine(event.name)} ${shown}`;
  }
  const seconds = (event.milliseconds / 1_000).toFixed(1);
  return `[tool] ${revealLine(event.name)}: ${event.outcome}, ${seconds} s, ${event.bytes} bytes`;
}
