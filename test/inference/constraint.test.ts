import { describe, expect, it } from "@jest/globals";
import { constraintOf, shapeOf } from "../../src/inference/constraint.ts";
import { OWN_SERVER } from "../support/chat-model.ts";
import { accepts } from "./grammar/support/gbnf.ts";

const weather = {
  name: "get_weather",
  description: "The weather <|end|>",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const CALL = '<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Lima"}';
const ANSWER = "<|channel|>final<|message|>Hello.";

describe("the constraint of a request", () => {
  it("has tools, choice and format as Chat Completions names them, for a server that takes no grammar", () => {
    const responseFormat = { type: "json_schema", name: "thing", schema: { type: "object" }, strict: true } as const;
    const request = {
      tools: [weather, { name: "now" }],
      toolChoice: { name: "now" },
      responseFormat,
      parallelToolCalls: false,
    };
    const fields = constraintOf(shapeOf(request), { ...OWN_SERVER, isLlamaServer: false });
    expect(fields).toMatchObject({
      tools: [
        { type: "function", function: { name: "get_weather", description: "The weather <\u200B|end|>" } },
        { type: "function", function: { name: "now" } },
      ],
      tool_choice: { type: "function", function: { name: "now" } },
      parallel_tool_calls: false,
      response_format: {
        type: "json_schema",
        json_schema: { name: "thing", schema: { type: "object" }, strict: true },
      },
    });
    expect(fields).not.toHaveProperty("grammar");
  });

  it("is nothing where nothing is asked for", () => {
    expect(constraintOf(shapeOf({}), OWN_SERVER)).toEqual({});
  });

  it("lets a tool that must be called be called several times, and one that is named once", () => {
    const twice = `${CALL}<|end|><|start|>assistant${CALL}`;
    const grammarOf = (toolChoice: "required" | { name: string }) =>
      String(constraintOf(shapeOf({ tools: [weather], toolChoice }), OWN_SERVER)["grammar"]);
    for (const [choice, expected] of [
      ["required", [true, true, false]],
      [{ name: "get_weather" }, [true, false, false]],
    ] as const) {
      expect([CALL, twice, ANSWER].map((text) => accepts(grammarOf(choice), text))).toEqual(expected);
    }
  });

  it("leaves the model free where its own tools are offered too, whose calls no grammar describes", () => {
    const shape = shapeOf({ tools: [weather] });
    expect(constraintOf(shape, OWN_SERVER)).toHaveProperty("grammar");
    expect(constraintOf(shape, OWN_SERVER, { hasNativeTools: true })).not.toHaveProperty("grammar");
  });
});
