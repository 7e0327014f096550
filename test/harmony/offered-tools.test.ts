import { describe, expect, it } from "@jest/globals";
import { AIMessageChunk } from "@langchain/core/messages";
import { HarmonyParser, parseHarmony, summarizeHarmony } from "../../src/harmony/index.ts";
import { HarmonyOutputParser } from "../../src/model/harmony-output-parser.ts";
import { cuttings } from "./support/cuttings.ts";
import { readPieces } from "./support/read.ts";

/** What offering a tool changes: where its name may stand in a header, and what a header that names nobody means. */

const LS = '{"command":"ls"}';
const THINKING = "<|channel|>analysis<|message|>x<|end|>";

interface Expected {
  readonly call?: readonly [name: string, written: string];
  readonly final?: string;
  readonly preamble?: string;
}

type Row = readonly [input: string, tools: readonly string[], expected: Expected];

const bash = ["bash", "read"];
const weather = ["get weather", "get"];
const ls: Expected = { call: ["bash", LS] };
const paris: Expected = { call: ["get weather", '{"city":"Paris"}'] };
const PARIS = '<|message|>{"city":"Paris"}<|call|>';

const tables: Readonly<Record<string, readonly Row[]>> = {
  "a name in another place of the header": [
    [`<|channel|>bash<|message|>${LS}`, bash, ls],
    [`<|channel|>bash<|channel|>commentary JSON<|message|>${LS}<|call|>`, bash, ls],
    [`<|channel|>commentary<|channel|>bash json<|message|>${LS}`, bash, ls],
    [`<|channel|>bash <|constrain|>json<|message|>${LS}<|end|>`, bash, ls],
    [`<|channel|>bashjson<|message|>${LS}`, bash, ls],
    [`<|channel|>functions.bash<|message|>${LS}`, bash, ls],
    [`<|channel|>functions.bash<|channel|>commentary json<|message|>${LS}`, bash, ls],
    [`<|channel|>functions.bash<|channel|>commentary json<|message|>${LS}`, [], ls],
    [`<|channel|>commentary <|constrain|>bash<|message|>${LS}`, bash, ls],
    [`<|start|>bash<|message|>${LS}`, bash, ls],
    [`<|start|>functions.bash<|channel|>commentary json<|message|>${LS}<|call|>`, bash, ls],
    [`<|start|>assistant bash<|channel|>commentary json<|message|>${LS}<|call|>`, bash, ls],
    [`<|start|>assistantbash<|channel|>commentary json<|message|>${LS}<|call|>`, bash, ls],
    [`bash<|message|>${LS}`, bash, ls],
    [`${THINKING}bash<|message|>${LS}<|call|>`, bash, ls],
    [`${THINKING}bash json<|message|>${LS}<|call|>`, bash, ls],
    [`${THINKING}bash<|channel|>commentary<|message|>${LS}<|call|>`, bash, ls],
    [`<|channel|>analysis<|message|>x<|start|>bash<|channel|>commentary json<|message|>${LS}<|call|>`, bash, ls],
    [`<|channel|>analysis<|message|>x<|channel|>bash<|message|>${LS}<|call|>`, bash, ls],
    [`<|channel|>bash<|message|>ls -la<|call|>`, bash, { call: ["bash", "ls -la"] }],
  ],
  "no message marker": [
    [`<|channel|>commentary bash ${LS}<|call|>`, bash, ls],
    [`<|channel|>bash${LS}`, bash, ls],
    [`<|channel|>bash<|call|>`, bash, { call: ["bash", ""] }],
    [`<|channel|>commentary to=functions.bash json ${LS}<|end|>`, bash, ls],
    [`<|channel|>commentary to=functions.bash json<|end|>`, bash, {}],
    [`<|channel|>commentary to=functions.bash run ${LS}<|end|>`, bash, {}],
    [`<|channel|>commentary We use bash<|end|>`, bash, { preamble: "We use bash" }],
    [`<|channel|>commentary?analysis?<|end|><|channel|>final<|message|>Ok`, bash, { final: "Ok" }],
    [`<|channel|>commentary??<|end|><|channel|>final<|message|>Ok`, bash, { final: "Ok" }],
  ],
  "any name": [
    [`<|channel|>commentary get weather <|constrain|>json${PARIS}`, weather, paris],
    [`<|channel|>get weather<|channel|>commentary json${PARIS}`, weather, paris],
    [`<|start|>get weather<|channel|>commentary json${PARIS}`, weather, paris],
    [`<|channel|>commentary to="functions.get weather" json${PARIS}`, weather, paris],
    [`to=functions.get weather<|channel|>commentary json${PARIS}`, weather, paris],
    [`${THINKING}commentary to=get weather json${PARIS}`, weather, paris],
    [`<|channel|>commentary to=functions.get weatherjson${PARIS}`, weather, paris],
    [
      `<|channel|>commentary to=functions.天気 を取得 json${PARIS}`,
      ["天気 を取得"],
      { call: ["天気 を取得", '{"city":"Paris"}'] },
    ],
    [
      `<|channel|>github.search json<|message|>{}<|call|>`,
      ["github.search", "search"],
      { call: ["github.search", "{}"] },
    ],
    [`<|channel|>commentary to=functions.get json<|message|>{}`, ["functions.get"], { call: ["functions.get", "{}"] }],
    [
      `<|channel|>final_answer<|channel|>commentary json<|message|>{}<|call|>`,
      ["final_answer", "f"],
      { call: ["final_answer", "{}"] },
    ],
    [`<|channel|>final_answer<|message|>One.<|return|>`, ["final_answer", "f"], { final: "One." }],
  ],
  "a name that is a word of the format": [
    [`<|channel|>final<|message|>{"a":1}<|return|>`, ["final", "f"], { final: '{"a":1}' }],
    [`<|channel|>commentary<|message|>{"a":1}<|call|>`, ["commentary", "f"], { preamble: '{"a":1}' }],
    [`<|channel|>commentary to=functions.final json<|message|>{}<|call|>`, ["final", "f"], { call: ["final", "{}"] }],
    [`<|channel|>commentary to=json json<|message|>{}<|call|>`, ["json", "f"], { call: ["json", "{}"] }],
    [`<|channel|>commentary json<|message|>{}<|call|>`, ["json"], { call: ["json", "{}"] }],
  ],
  "a header that names nobody": [
    [`<|channel|>analysis json<|message|>${LS}<|call|>`, ["bash"], ls],
    [`<|channel|>commentary<|message|>${LS}<|call|>`, ["bash"], ls],
    [`<|channel|>commentary to=assistant json<|message|>${LS}<|call|>`, ["bash"], ls],
    [`<|message|>${LS}<|call|>`, ["bash"], ls],
    [`<|channel|>commentary json<|message|>${LS}<|end|>`, ["bash"], { preamble: LS }],
    [`<|channel|>commentary json<|message|>${LS}<|call|>`, bash, { preamble: LS }],
    [`<|channel|>commentary json<|message|>${LS}<|call|>`, [], { preamble: LS }],
    [`<|channel|>final json<|message|>${LS}<|return|>`, ["bash"], { final: LS }],
  ],
  "no call": [
    [`<|channel|>commentary<|message|>I use bash.<|call|>`, ["bash"], { preamble: "I use bash." }],
    [`<|channel|>commentary bash<|message|>I use ls.<|end|>`, bash, { preamble: "I use ls." }],
    [`<|channel|>final<|message|>bash<|return|>`, bash, { final: "bash" }],
    [`${THINKING}bash`, bash, { final: "bash" }],
    ["bash is a shell.", bash, { final: "bash is a shell." }],
    ["get weather", weather, { final: "get weather" }],
    [`Use <|channel|>bash for that.`, bash, { final: "Use <|channel|>bash for that." }],
    [`<|start|>bash to=assistant<|channel|>commentary<|message|>${LS}<|end|>`, bash, {}],
    [`<|start|>get weather to=assistant<|message|>{"a":1}<|end|>`, weather, {}],
  ],
  "without control tokens": [
    ['to=functions.get_weathercommentary json{"a":1}', [], { call: ["get_weather", '{"a":1}'] }],
    ['assistant to=functions.f commentary json{"a":1}', [], { call: ["f", '{"a":1}'] }],
    ['analysisHm.assistant to=functions.fcommentary json{"a":1}', [], { call: ["f", '{"a":1}'] }],
    ['analysisHm.assistantcommentary to=get weather json{"a":1}', weather, { call: ["get weather", '{"a":1}'] }],
    ['commentary to=functions.get weathercommentary json{"a":1}', weather, { call: ["get weather", '{"a":1}'] }],
    ['commentary bash json{"a":1}', bash, { call: ["bash", '{"a":1}'] }],
    ['to=get weatherfinal{"a":1}', weather, { call: ["get weather", '{"a":1}'] }],
    ["commentary to=functions.python codeprint(1)", [], { call: ["python", "print(1)"] }],
    ['final json{"a":1}', [], { final: '{"a":1}' }],
    ['finaljson{"a":1}', [], { final: '{"a":1}' }],
    ["final json is what you get", [], { final: "final json is what you get" }],
  ],
  "an answer that is a channel's name": [
    [`${THINKING}commentary`, [], { final: "commentary" }],
    [`${THINKING}final<|return|>`, [], { final: "final" }],
    [`${THINKING}final<|end|>`, [], { final: "final" }],
    ["analysis", [], { final: "analysis" }],
    ["<|channel|>final<|message|>Hi<|return|>final", [], { final: "Hi" }],
    [`<|channel|>commentary to=f<|message|>{}<|call|>final`, [], { call: ["f", "{}"] }],
    [`${THINKING}commentary<|end|><|channel|>final<|message|>Hi`, [], { final: "Hi" }],
  ],
};

describe.each(Object.entries(tables))("%s", (_, rows) => {
  it.each(rows)("%s", (input, tools, { call, final = "", preamble = "" }) => {
    const whole = parseHarmony(input, { tools });
    expect(summarizeHarmony(whole)).toMatchObject({
      final,
      preamble,
      toolCalls: call === undefined ? [] : [{ name: call[0], arguments: call[1] }],
    });
    for (const pieces of cuttings(input)) expect(readPieces(pieces, { tools }).messages).toEqual(whole);
  });
});

describe("while it streams", () => {
  it("holds back only what can still become a call", () => {
    const parser = new HarmonyParser({ tools: ["bash"] });
    parser.push("<|channel|>commentary<|message|>");
    expect(parser.push("Let me ")).toHaveLength(2);
    parser.push('<|end|><|start|>assistant<|channel|>commentary<|message|>{"command":');
    expect(parser.isHoldingText).toBe(true);
    expect(parser.push('"ls"}')).toEqual([]);
    expect(parser.push("<|call|>").map(({ type }) => type)).toEqual(["message-start", "content-delta", "message-end"]);
  });

  it("gives arguments piece by piece once they show that it is a call", () => {
    const parser = new HarmonyParser({ tools: ["bash", "read"] });
    expect(parser.push('<|channel|>bash<|message|>{"com').map(({ type }) => type)).toEqual([
      "message-start",
      "content-delta",
    ]);
    expect(parser.push('mand":')).toMatchObject([{ recipient: "functions.bash", text: 'mand":' }]);
  });
});

describe("HarmonyOutputParser", () => {
  it("shows no call that names an offered tool in the channel's place", async () => {
    const text = `<|channel|>bash<|channel|>commentary json<|message|>${LS}`;
    const parts = new HarmonyOutputParser({ tools: ["bash"] }).withReasoning();
    const shown = [];
    for await (const part of await parts.stream(new AIMessageChunk(text))) shown.push(part);
    expect(shown.filter(({ text: part }) => part !== "")).toEqual([]);
  });
});
