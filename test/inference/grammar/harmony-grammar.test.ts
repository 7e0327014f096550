import { describe, expect, it } from "@jest/globals";
import { harmonyGrammar } from "../../../src/inference/grammar/harmony-grammar.ts";
import { readSchema } from "../../../src/inference/schema/read-schema.ts";
import { accepts } from "./support/gbnf.ts";

const named = (schema: unknown) => ({ document: readSchema(schema, "it"), subject: "it" });
const answer = named({ type: "object", properties: { a: { type: "integer" } }, required: ["a"] });
const calls = [
  { name: "f", ...named({ type: "object", properties: { x: { type: "string" } }, required: ["x"] }) },
  { name: "g_2", ...named(true) },
];
const THOUGHT = "<|channel|>analysis<|message|>If a < b, {then} <|x|> <| <<|en 猫.<|end|><|start|>assistant";
const FINAL = '<|channel|>final<|message|>{"a": 1}';
const CALL = '<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"x":"y"}';

describe("the grammar of a completion", () => {
  it.each([
    [
      "an answer",
      { answer },
      [FINAL, THOUGHT + FINAL, '<|channel|>final <|constrain|>json<|message|>{"a":1}'],
      [THOUGHT, CALL, "Hello", '<|channel|>final<|message|>{"a":"x"}', `${FINAL}x`],
    ],
    [
      "a call",
      { calls },
      [
        CALL,
        THOUGHT + CALL,
        " to=functions.g_2<|channel|>commentary json<|message|>[1]",
        `${THOUGHT}<|channel|>commentary<|message|>Wait.<|end|><|start|>assistant${CALL}`,
      ],
      [FINAL, CALL.replace("functions.f", "functions.h"), CALL.replace("x", "z")],
    ],
    ["either", { answer, calls }, [FINAL, THOUGHT + FINAL, CALL, THOUGHT + CALL], [THOUGHT, "{}"]],
  ])("that has to be %s", (_, shape, right, wrong) => {
    const grammar = harmonyGrammar(shape);
    expect(right.filter((text) => !accepts(grammar, text))).toEqual([]);
    expect(wrong.filter((text) => accepts(grammar, text))).toEqual([]);
  });
});
