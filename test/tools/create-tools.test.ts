import { describe, expect, it } from "@jest/globals";
import { clock, tellTime } from "../../src/tools/create-tools.ts";
import { callTool } from "./support/call-tool.ts";

const moment = new Date("2026-03-29T15:30:05Z");

describe("clock", () => {
  it.each([
    ["Asia/Tokyo", "2026-03-30 00:30:05 Monday, Asia/Tokyo (GMT+9)"],
    ["America/Lima", "2026-03-29 10:30:05 Sunday, America/Lima (GMT-5)"],
    ["asia/tokyo", "2026-03-30 00:30:05 Monday, Asia/Tokyo (GMT+9)"],
    ["UTC", "2026-03-29 15:30:05 Sunday, UTC (GMT+0)"],
  ])("tells the time in %s", (timeZone, told) => {
    expect(tellTime(moment, timeZone)).toBe(told);
  });

  it("tells it where the user is when no zone is named, and says that there is no such zone", async () => {
    const tools = [clock({ now: () => moment, timeZone: "Asia/Tokyo" })];
    expect(await callTool(tools, "clock", {})).toMatch(/^2026-03-30 00:30:05 Monday/);
    expect(await callTool(tools, "clock", { time_zone: "Mars/Olympus" })).toBe(
      'Error: There is no time zone "Mars/Olympus"; use an IANA name such as Europe/Paris.',
    );
  });
});
