import { z } from "zod";
import { type AgentTool, defineTool } from "./define-tool.ts";
import { ToolError } from "./tool-result.ts";
import { showableLine } from "../terminal/untrusted-text.ts";

export interface ClockOptions {
  readonly now?: () => Date;
  /** Where the user is; by default what the system says. */
  readonly timeZone?: string;
}

/** Tells date, weekday and time, where the user is or in any time zone. */
export function clock({ now = () => new Date(), timeZone: home }: ClockOptions = {}): AgentTool {
  return defineTool({
    name: "clock",
    description: "Tells the current date, weekday and time, where the user is or in a time zone.",
    schema: z.object({
      time_zone: z.string().optional().describe("IANA name such as Asia/Tokyo; left out for where the user is"),
    }),
    run: ({ time_zone: wanted }) =>
      tellTime(now(), wanted || home || new Intl.DateTimeFormat().resolvedOptions().timeZone),
  });
}

/** `2026-11-26 09:05:00 Thursday, Asia/Tokyo (GMT+9)`. */
export function tellTime(moment: Date, timeZone: string): string {
  const format = formatFor(timeZone);
  const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  const day = `${parts["year"]}-${parts["month"]}-${parts["day"]}`;
  const time = `${parts["hour"]}:${parts["minute"]}:${parts["second"]}`;
  return `${day} ${time} ${parts["weekday"]}, ${format.resolvedOptions().timeZone} (${parts["timeZoneName"]})`;
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      weekday: "long",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
      timeZoneName: "shortOffset",
    });
  } catch (error) {
    throw new ToolError(
      `There is no time zone ${JSON.stringify(showableLine(timeZone))}; use an IANA name such as Europe/Paris.`,
      { cause: error },
    );
  }
}
