import { describe, expect, it } from "@jest/globals";
import { type Arbitrary, array, assert, constantFrom, nat, oneof, pre, property, record, string } from "fast-check";
import { type HarmonyOptions, HarmonyParser, parseHarmony, summarizeHarmony } from "../../src/harmony/index.ts";
import { Choices, wellFormedCompletion } from "./support/conversations.ts";
import { cutAt } from "./support/cuttings.ts";
import { messagesOf, readPieces } from "./support/read.ts";
import { sized } from "../support/full-size.ts";

/** What a text that is nearly harmony is made of. */
const FRAGMENTS = [
  ..."<|start|> <|end|> <|message|> <|channel|> <|constrain|> <|return|> <|call|> <|endoftext|> <| |> < <|e <|start".split(
    " ",
  ),
  ...'assistant user system developer tool analysis commentary final json code python bash ?? –– . {} {"a":1}'.split(
    " ",
  ),
  ..."to=functions.f to=assistant to=browser.search functions.f to= :name We Hello assistantfinal assistantcommentary".split(
    " ",
  ),
  " ",
  "\n",
  "  ",
  "日本",
  "👋",
  "\uD83D",
  "functions.getjson",
  ..."get get_weather final_answer bash getjson assistantf assistantget final_answerjson We.assistant to=functions.fcommentary".split(
    " ",
  ),
  "get weather",
  "weather",
  "to=get weather",
  " to=functions.fcommentary json",
  "commentary to=functions.f json",
  "assistant to=f commentary ",
  '{"a"',
  "x".repeat(130),
  " ".repeat(9),
];
const nearlyHarmony = array(constantFrom(...FRAGMENTS), { maxLength: 24 }).map((fragments) => fragments.join(""));
/** Headers of words that tools are called, too, with the bodies that make calls of them. */
const offeredHeaders = array(
  oneof(
    constantFrom(..."<|start|> <|channel|> <|message|> <|constrain|> <|call|> <|end|> <|return|>".split(" ")),
    constantFrom("bash", "bashjson", "functions.bash", "get weather ", "get ", "final_answer", "commentary ", "final"),
    constantFrom(" ", " json", "assistant", "to=", "to=assistant ", "to=bash ", "analysis", "?"),
    constantFrom('{"a":1}', "{", "ls -la", 'assistant to=functions.bashcommentary json{"a":1}', " json{}"),
  ),
  { maxLength: 14 },
).map((pieces) => pieces.join(""));
const anyText = oneof(
  { weight: 4, arbitrary: offeredHeaders },
  { weight: 6, arbitrary: nearlyHarmony },
  { weight: 1, arbitrary: string({ unit: "binary", maxLength: 60 }) },
  { weight: 1, arbitrary: nat().map((seed) => wellFormedCompletion(new Choices(seed), 6)) },
);
const anyOptions: Arbitrary<HarmonyOptions> = record({
  promptEndsWith: constantFrom(
    "<|start|>assistant",
    "",
    "<|start|>assistant<|channel|>final<|message|>",
    "<|start|>assistant<|channel|>analysis<|message|>I was thin",
    "<|start|>assistant<|channel|>comm",
    "<|start|>assistant to=functions.f",
  ),
  tools: constantFrom(
    ["bash"],
    ["bash", "get weather", "get", "final_answer"],
    [],
    ["f", "get"],
    ["functions.get"],
    ["f"],
    ["get weather", "get"],
    ["final_answer", "json", "final"],
  ),
});
const anyCuts = array(nat(2_000), { maxLength: 12 });
const RUNS = { numRuns: sized(1_000, 4_000) };

describe("any text, however it is cut", () => {
  it("gives the same messages", () => {
    assert(
      property(anyText, anyOptions, anyCuts, (text, options, cuts) => {
        expect(readPieces(cutAt(text, cuts), options).messages).toEqual(parseHarmony(text, options));
      }),
      RUNS,
    );
  });

  it("gives the same messages character by character", () => {
    assert(
      property(anyText, anyOptions, (text, options) => {
        expect(readPieces(text.split(""), options).messages).toEqual(parseHarmony(text, options));
      }),
      RUNS,
    );
  });

  it("gives events that tell exactly the messages", () => {
    assert(
      property(anyText, anyOptions, anyCuts, (text, options, cuts) => {
        const { events, messages } = readPieces(cutAt(text, cuts), options);
        expect(messagesOf(events)).toEqual(messages);
      }),
      RUNS,
    );
  });

  it("invents nothing: each message's content is a part of the text", () => {
    assert(
      property(anyText, anyOptions, (text, options) => {
        for (const { content } of parseHarmony(text, options)) expect(text).toContain(content);
      }),
      RUNS,
    );
  });

  it("never leaves a control token in the answer's text but what an answer may mention", () => {
    assert(
      property(anyText, (text) => {
        expect(summarizeHarmony(parseHarmony(text)).final).not.toMatch(/<\|(?:end|return|call)\|>/);
      }),
      RUNS,
    );
  });
});

describe("the body of a message", () => {
  it("is held back by no more than a control token's beginning", () => {
    const plain = array(constantFrom("a", "<", "|", "<|", "<|mess", "e", "nd", "|>", " ", "日")).map((parts) =>
      parts.join(""),
    );
    assert(
      property(plain, anyCuts, (body, cuts) => {
        pre(!/<\|(?:message|end)\|>/.test(body));
        const parser = new HarmonyParser();
        parser.push("<|channel|>final<|message|>");
        let held = 0;
        for (const piece of cutAt(body, cuts)) {
          const emitted = parser.push(piece).map((event) => (event.type === "content-delta" ? event.text : ""));
          held += piece.length - emitted.join("").length;
          expect(held).toBeLessThanOrEqual(12);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
