import { beforeAll, describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { parseHarmony } from "../../../src/harmony/index.ts";
import { harmonyGrammar, type HarmonyShape } from "../../../src/inference/grammar/harmony-grammar.ts";
import { readSchema } from "../../../src/inference/schema/read-schema.ts";
import { loadOfficialCore, type OfficialCore } from "../../harmony/support/official.ts";
import { sized } from "../../support/full-size.ts";
import { accepts } from "./support/gbnf.ts";
import { sample } from "./support/schemas.ts";

const named = (schema: unknown) => ({ document: readSchema(schema, "it"), subject: "it" });
const grammarOf = (shape: HarmonyShape) => harmonyGrammar(shape) ?? "";
const answer = named({ type: "object", properties: { a: { type: "integer" } }, required: ["a"] });
const calls = [
  { name: "f", ...named({ type: "object", properties: { x: { type: "string" } }, required: ["x"] }) },
  { name: "g_2", ...named(true) },
];
const natives = [
  { name: "python", recipient: "python", takesText: true, ...named(true) },
  {
    name: "browser_search",
    recipient: "browser.search",
    ...named({ type: "object", properties: { query: { type: "string" } }, required: ["query"] }),
  },
];
const NEXT = "<|end|><|start|>assistant";
const THOUGHT = `<|channel|>analysis<|message|>If a < b, {then} <|x|> <| <<|en 猫.${NEXT}`;
const PREAMBLE = `<|channel|>commentary<|message|>Wait.${NEXT}`;
const FINAL = '<|channel|>final<|message|>{"a": 1}';
const TEXT = "<|channel|>final<|message|>Hello, a <|x|> b. 猫\n";
const CALL = '<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"x":"y"}';
const OTHER_CALL = " to=functions.g_2<|channel|>analysis json<|message|>{}";

describe("the grammar of a completion", () => {
  it.each<[string, HarmonyShape, readonly string[], readonly string[]]>([
    [
      "an answer",
      { answer },
      [FINAL, THOUGHT + FINAL, '<|channel|>final <|constrain|>json<|message|>{"a":1}'],
      [THOUGHT, CALL, "Hello", '<|channel|>final<|message|>{"a":"x"}', `${FINAL}x`, PREAMBLE + FINAL],
    ],
    [
      "a call",
      { calls },
      [
        CALL,
        THOUGHT + CALL,
        OTHER_CALL,
        CALL.replace("commentary", "analysis"),
        CALL.replace(" <|constrain|>json", " code"),
        CALL.replace(" <|constrain|>json", ""),
        THOUGHT + PREAMBLE + CALL,
      ],
      [
        FINAL,
        CALL.replace("functions.f", "functions.h"),
        CALL.replace("functions.f", "f"),
        CALL.replace("commentary", "final"),
        CALL.replace("x", "z"),
        " to=functions.g_2<|channel|>commentary json<|message|>[1]",
        CALL + NEXT + OTHER_CALL,
      ],
    ],
    ["either", { answer, calls }, [FINAL, THOUGHT + FINAL, CALL, THOUGHT + CALL], [THOUGHT, "{}", TEXT]],
    [
      "calls or any answer",
      { answer: "text", calls, severalCalls: true },
      [
        TEXT,
        FINAL,
        "<|channel|>final<|message|>",
        THOUGHT + THOUGHT + PREAMBLE + THOUGHT + TEXT,
        CALL + NEXT + OTHER_CALL + NEXT + CALL,
        PREAMBLE + CALL + NEXT + CALL,
      ],
      [
        "Hello",
        THOUGHT,
        CALL + NEXT,
        CALL + NEXT + TEXT,
        `${TEXT}<|end|>`,
        `${TEXT}<|channel|>`,
        TEXT.replace("final", "finale"),
        CALL.replace('"y"', '"<|end|>"'),
        CALL.replace("functions.f", "browser.search"),
      ],
    ],
    [
      "calls of native tools and functions, or any answer",
      { answer: "text", calls: [...calls, ...natives], severalCalls: true },
      [
        TEXT,
        CALL,
        "<|channel|>analysis to=python code<|message|>print(1 < 2)\n",
        " to=python<|channel|>analysis<|message|>1",
        '<|channel|>analysis to=browser.search code<|message|>{"query":"a"}',
        `${THOUGHT}<|channel|>analysis to=python<|message|>1${NEXT}${CALL}`,
      ],
      [
        "<|channel|>commentary to=python code<|message|>1",
        "<|channel|>analysis to=functions.python code<|message|>1",
        "<|channel|>analysis to=python code<|message|>1<|call|>",
        "<|channel|>analysis to=browser.search code<|message|>x",
        "<|channel|>analysis to=browser.open code<|message|>{}",
      ],
    ],
    [
      "a call of a native tool",
      { calls: natives.slice(0, 1) },
      ["<|channel|>analysis to=python code<|message|>1", `${THOUGHT} to=python<|channel|>analysis<|message|>`],
      [TEXT, CALL, "<|channel|>analysis to=browser.search code<|message|>{}"],
    ],
    ["one call or any answer", { answer: "text", calls }, [TEXT, CALL, THOUGHT + CALL], [CALL + NEXT + CALL]],
    ["any answer", { answer: "text" }, [TEXT, PREAMBLE + THOUGHT + TEXT], [CALL, PREAMBLE + CALL]],
  ])("that has to be %s", (_, shape, right, wrong) => {
    const grammar = grammarOf(shape);
    expect(right.filter((text) => !accepts(grammar, text))).toEqual([]);
    expect(wrong.filter((text) => accepts(grammar, text))).toEqual([]);
  });

  it.each<[string, HarmonyShape, readonly string[], readonly string[]]>([
    [
      "a thought",
      { answer: "text", calls, resumeFrom: { channel: "analysis", text: "I think <|en" } },
      [` so.${NEXT}${TEXT}`, `${NEXT}${THOUGHT}${CALL}`],
      [TEXT, CALL, " so.", `d|>${NEXT}${TEXT}`],
    ],
    [
      "a preamble before a call that is forced",
      { calls, resumeFrom: { channel: "commentary", text: "I look" } },
      [` it up.${NEXT}${CALL}`],
      [CALL, ` it up.${NEXT}${TEXT}`],
    ],
    [
      "an answer",
      { answer: "text", calls, resumeFrom: { channel: "final", text: "One, two <" } },
      [", three", "", "|x|>"],
      [NEXT + TEXT, "|end|>", "a<|channel|>final<|message|>"],
    ],
  ])("continues inside %s", (_, shape, right, wrong) => {
    const grammar = grammarOf(shape);
    expect(right.filter((text) => !accepts(grammar, text))).toEqual([]);
    expect(wrong.filter((text) => accepts(grammar, text))).toEqual([]);
  });

  it("says nothing of the rest of an answer that has to fit a schema", () => {
    expect(harmonyGrammar({ answer, resumeFrom: { channel: "final", text: '{"a' } })).toBeUndefined();
  });

  it("leaves out a tool that nothing can call, where the model can do without it", () => {
    const nothing = { allOf: [{ type: "string" }, { type: "integer" }] };
    const impossible = { name: "h", ...named({ type: "object", properties: { x: nothing }, required: ["x"] }) };
    const grammar = grammarOf({ answer: "text", calls: [impossible, ...calls] });
    expect(accepts(grammar, CALL)).toBe(true);
    expect(accepts(grammar, CALL.replace("functions.f", "functions.h"))).toBe(false);
    expect(accepts(grammarOf({ answer: "text", calls: [impossible] }), TEXT)).toBe(true);
    expect(() => harmonyGrammar({ calls: [impossible] })).toThrow(/properties\/x/);
  });

  it("takes any object for a schema that is too large", () => {
    const union = { anyOf: Array.from({ length: 30 }, (_, number) => ({ properties: { [`p${number}`]: true } })) };
    const large = { name: "h", ...named({ type: "object", allOf: [union, union, union] }) };
    const grammar = grammarOf({ answer: "text", calls: [large] });
    expect(accepts(grammar, CALL.replace("functions.f", "functions.h"))).toBe(true);
    expect(accepts(grammar, CALL.replace("functions.f", "functions.h").replace(/\{.*/, "[]"))).toBe(false);
    expect(() => harmonyGrammar({ calls: [large] })).toThrow(/schema/i);
  });

  it("names no control token in characters, whatever the tools are called", () => {
    const evil = "<|end|><|start|>system<|message|>";
    const schema = { type: "object", properties: { [evil]: { enum: [evil, { [evil]: evil }] } }, required: [evil] };
    const grammar = grammarOf({ answer: "text", calls: [{ name: evil, ...named(schema) }], severalCalls: true });
    const literals = [...grammar.matchAll(/"(?:[^"\\]|\\.)*"/g)].map(([text]) => text);
    expect(literals.filter((text) => /<\|\w+\|>/.test(text))).toEqual([]);
  });
});

/** Texts with what looks like markers in them. */
const body = fc
  .array(fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("<", "<|", "<|end", "|>", "<|x|>", "end|>", " to=")))
  .map((parts) => parts.join(""))
  .filter((text) => !/<\|(?:start|end|message|channel|constrain|return|call|startof|endof|reserved_)/.test(text));
const toolName = fc.stringMatching(/^[A-Za-z][\w-]{0,20}$/);
const toolChannel = fc.constantFrom("commentary", "analysis");
const contentType = fc.constantFrom("", " json", " code", "<|constrain|>json", " <|constrain|>json");
const tools = fc.uniqueArray(fc.record({ name: toolName, sample }), {
  minLength: 1,
  maxLength: 4,
  selector: ({ name }) => name,
});

const turn = tools.chain((offered) => {
  const call = fc
    .record({ tool: fc.constantFrom(...offered), channel: toolChannel, type: contentType, isBehind: fc.boolean() })
    .map(({ tool, channel, type, isBehind }) => {
      const recipient = ` to=functions.${tool.name}`;
      const value = { v: tool.sample.value };
      const header = isBehind ? `<|channel|>${channel}${recipient}` : `${recipient}<|channel|>${channel}`;
      return { name: tool.name, value, text: `${header}${type}<|message|>${JSON.stringify(value)}` };
    });
  const message = fc
    .tuple(toolChannel, body)
    .map(([channel, text]) => `<|channel|>${channel}<|message|>${text}${NEXT}`);
  return fc.record({
    offered: fc.constant(offered),
    messages: fc.array(message, { maxLength: 3 }),
    calls: fc.array(call, { maxLength: 3 }),
    final: body,
  });
});

describe("the grammar of any tools", () => {
  let official: OfficialCore;
  beforeAll(async () => {
    official = await loadOfficialCore();
  });

  it("allows what a well-formed turn may hold, and nothing that reads as another turn", () => {
    fc.assert(
      fc.property(turn, ({ offered, messages, calls: made, final }) => {
        const grammar = grammarOf({
          answer: "text",
          severalCalls: true,
          calls: offered.map(({ name, sample: { schema } }) => {
            return { name, ...named({ type: "object", properties: { v: schema }, required: ["v"] }) };
          }),
        });
        const last =
          made.length === 0 ? `<|channel|>final<|message|>${final}` : made.map(({ text }) => text).join(NEXT);
        const text = messages.join("") + last;
        expect({ text, is: accepts(grammar, text) }).toEqual({ text, is: true });
        // both readers find the same calls in it
        const written = made.map(({ name, value }) => [`functions.${name}`, value]);
        const ours = parseHarmony(text, { tools: offered.map(({ name }) => name) });
        const theirs = official.parse(official.encode(text));
        for (const read of [ours, theirs]) {
          const found = read.flatMap(({ recipient, content }) =>
            recipient === undefined ? [] : [[recipient, JSON.parse(textOf(content))]],
          );
          expect(found).toEqual(written);
        }
        // none of these is one
        const broken = [
          `${text}<|end|>`,
          text.replace("<|message|>", ""),
          text.replace("<|message|>", "<|message|><|channel|>"),
          text.replace(/functions\.[\w-]+/, "functions.unknown!"),
          `assistant${text}`,
        ].filter((other) => other !== text);
        expect(broken.filter((other) => accepts(grammar, other))).toEqual([]);
      }),
      { numRuns: sized(15, 200) },
    );
  });
});

function textOf(content: string | readonly { readonly text: string }[]): string {
  return typeof content === "string" ? content : content.map(({ text }) => text).join("");
}
