import { describe, expect, it } from "@jest/globals";
import { HarmonyParser, parseHarmony } from "../../src/harmony/index.ts";
import { betweenCases } from "./cases/between.ts";
import { bodyCases } from "./cases/bodies.ts";
import { callCases } from "./cases/calls.ts";
import { channelCases } from "./cases/channels.ts";
import { cutCases } from "./cases/cut.ts";
import { headerCases } from "./cases/headers.ts";
import { resultCases } from "./cases/results.ts";
import { strippedCases } from "./cases/stripped.ts";
import { type Case, ShortEvents } from "./support/case.ts";
import { cuttings } from "./support/cuttings.ts";
import { readPieces } from "./support/read.ts";

const tables: Readonly<Record<string, readonly Case[]>> = {
  headers: headerCases,
  "channels and roles": channelCases,
  "between messages": betweenCases,
  bodies: bodyCases,
  calls: callCases,
  "several calls, and results": resultCases,
  "cut off": cutCases,
  "without control tokens": strippedCases,
};

describe.each(Object.entries(tables))("%s", (_, cases) => {
  it.each(cases)("$name", ({ options, steps, atEnd }) => {
    const parser = new HarmonyParser(options);
    const short = new ShortEvents();
    for (const { input, events } of steps) {
      expect({ input, events: short.shorten(parser.push(input)) }).toEqual({ input, events });
    }
    expect(short.shorten(parser.end())).toEqual(atEnd);
  });

  it.each(cases)("$name, however it is cut", ({ options, steps }) => {
    const text = steps.map(({ input }) => input).join("");
    const whole = parseHarmony(text, options);
    for (const pieces of cuttings(text)) expect(readPieces(pieces, options).messages).toEqual(whole);
  });
});
