import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { z } from "zod";
import { biasBesideGrammar } from "../../../src/inference/constraint.ts";
import { readSchema } from "../../../src/inference/schema/read-schema.ts";
import { SchemaValidator } from "../../../src/inference/schema/validator.ts";
import { modelFor, OWN_SERVER } from "../../support/chat-model.ts";
import { raw, startChatServer, stream } from "../../support/chat-server.ts";
import { accepts } from "../grammar/support/gbnf.ts";
import { sample } from "../grammar/support/schemas.ts";

const FINAL = "<|channel|>final<|message|>";
const formatOf = (schema: unknown) => ({
  type: "json_schema" as const,
  json_schema: { name: "answer", schema: schema as Record<string, unknown> },
});

/** What a request for a schema holds. */
async function bodyFor(schema: unknown, server: typeof OWN_SERVER | null = OWN_SERVER) {
  await using chat = await startChatServer({ chunks: stream(raw(`${FINAL}{}`)) });
  await modelFor(chat, server === null ? {} : { server }).invoke("Hi", { response_format: formatOf(schema) });
  return chat.requests[0] ?? { messages: [] };
}

const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });
const KEYS = {
  type: "object",
  patternProperties: { "^[a-z]+$": { type: ["string", "integer"] } },
  additionalProperties: false,
};
const MERGED = {
  allOf: [
    { allOf: [object({ a: { type: "integer" } }, { required: ["a"] })] },
    { anyOf: [object({ b: { const: 1 } }, { required: ["b"] }), object({ b: { const: 2 } }, { required: ["b"] })] },
    { anyOf: [object({ c: { const: "x" } }, { required: ["c"] }), object({ d: { const: "y" } }, { required: ["d"] })] },
  ],
};

describe("a JSON Schema of any dialect", () => {
  it.each<[string, unknown, readonly unknown[], readonly unknown[]]>([
    ["patterns of names", KEYS, [{}, { a: 1, bc: "x" }], [{ A: 1 }, { a: true }]],
    [
      "several patterns of names, each with its own values",
      {
        type: "object",
        patternProperties: { "^x-": { type: "string" }, "^[A-Z]{2}$": { type: "integer" }, _id$: { type: "boolean" } },
        additionalProperties: false,
      },
      [{}, { "x-a": "b", AB: 1 }, { my_id: true }],
      [{ "x-a": 1 }, { AB: "b" }, { my_id: 1 }, { a: 1 }],
    ],
    [
      "a pattern for each of several values",
      object({ year: { type: "string", pattern: "^\\d{4}$" }, code: { type: "string", pattern: "^[A-Z]-$" } }),
      [{ year: "2024", code: "A-" }],
      [{ year: "A-" }, { code: "2024" }],
    ],
    ["an integer from zero on", { type: "integer", minimum: 0 }, [0, 1e15, 4111111111111111], [-1, 0.5]],
    ["zod's positive integer", z.toJSONSchema(z.int().positive()), [1, 4111111111111111], [0, -1]],
    ["a bound of 17 digits", { type: "integer", minimum: 1e16 }, [1e16, 2e17], [1, 9999999999999998]],
    [
      "bounds of decimals",
      { type: "number", minimum: -0.5, exclusiveMaximum: 2.25 },
      [-0.5, 0, 1e-7, 2.2],
      [2.25, -0.51, 3],
    ],
    ["multiples", { type: "number", multipleOf: 0.25 }, [0, 0.25, -1.5], [0.3]],
    [
      "allOf and anyOf in each other",
      MERGED,
      [
        { a: 1, b: 2, c: "x" },
        { a: 1, b: 1, d: "y" },
      ],
      [
        { a: 1, b: 3, c: "x" },
        { b: 1, c: "x" },
      ],
    ],
    [
      "draft 4's exclusive bounds",
      { type: "integer", minimum: 1, exclusiveMinimum: true, maximum: 3, exclusiveMaximum: false },
      [2, 3],
      [1, 4],
    ],
    ["OpenAPI's nullable", { type: "string", nullable: true }, [null, "x"], [1]],
    ["OpenAPI's nullable beside a list", { type: "string", nullable: true, enum: ["a"] }, ["a"], [null, "b"]],
    [
      "a pattern that is valid without the flag u alone",
      { type: "string", pattern: "^[\\w-.]+$" },
      ["a-b.c"],
      ["a b", ""],
    ],
    ["needless escapes", { type: "string", pattern: "^https\\:\\/\\/" }, ["https://x"], ["http://x"]],
    [
      "looking ahead, and lengths",
      { type: "string", pattern: "^(?=.*\\d)[a-z\\d]+$", minLength: 2, maxLength: 4 },
      ["a1", "1234"],
      ["ab", "1", "abcd1"],
    ],
    [
      "characters beyond the first plane",
      { type: "string", minLength: 2, maxLength: 2 },
      ["😀😀", "a<", "<|"],
      ["😀", "aaa"],
    ],
    [
      "a list of items as a tuple",
      { type: "array", items: [{ type: "null" }], additionalItems: { type: "integer" } },
      [[null], [null, 1]],
      [[1], [null, "x"]],
    ],
    [
      "references by pointer, anchor and id",
      {
        $defs: { "a/b": { $anchor: "it", type: "null" }, c: { $id: "x:c", type: "boolean" } },
        anyOf: [{ $ref: "#/$defs/a~1b" }, { $ref: "#it" }, { $ref: "x:c" }],
      },
      [null, true],
      [1],
    ],
    ["a reference with more beside it", { $defs: { a: { type: "integer" } }, $ref: "#/$defs/a", minimum: 3 }, [3], [2]],
    [
      "counted properties",
      { type: "object", minProperties: 1, maxProperties: 2, additionalProperties: { type: "null" } },
      [{ a: null }, { a: null, b: null }],
      [{}, { a: null, b: null, c: null }],
    ],
    [
      "dependent properties",
      object({ a: true, b: true }, { dependentRequired: { a: ["b"] } }),
      [{}, { b: 1 }, { a: 1, b: 1 }],
      [{ a: 1 }],
    ],
    [
      "conditions",
      object(
        { k: { enum: ["x", "y"] }, n: { type: "integer" } },
        JSON.parse('{"if":{"properties":{"k":{"const":"x"}}},"then":{"required":["n"]}}') as object,
      ),
      [{ k: "x", n: 1 }, { k: "y" }],
      [],
    ],
    ["what is not", { type: ["string", "null"], not: { enum: ["a"] } }, ["b", null], ["a"]],
    [
      "an item that has to be there",
      { type: "array", items: { type: "integer" }, contains: { const: 7 } },
      [[7], [1, 7, 2]],
      [[]],
    ],
    [
      "odd names",
      object({ 'a"\\': true, "<|end|>": true, 猫: true }, { required: ["<|end|>"] }),
      [{ 'a"\\': 1, "<|end|>": [], 猫: {} }],
      [{}],
    ],
  ])("has a grammar and a check that agree: %s", async (_, schema, right, wrong) => {
    const grammar = String((await bodyFor(schema))["grammar"]);
    const validator = new SchemaValidator(readSchema(schema, "it"));
    const writes = (value: unknown) =>
      accepts(grammar, FINAL + JSON.stringify(value).replaceAll("<|end", String.raw`\u003c|end`));
    expect(right.filter((value) => !writes(value))).toEqual([]);
    expect(right.filter((value) => validator.problemOf(value) !== undefined)).toEqual([]);
    expect(wrong.filter((value) => writes(value))).toEqual([]);
    expect(wrong.filter((value) => validator.problemOf(value) === undefined)).toEqual([]);
  });

  it("is checked as its grammar writes it, whatever it is", () => {
    fc.assert(
      fc.property(sample, ({ schema, value }) => {
        expect(new SchemaValidator(readSchema(schema, "it")).problemOf(value)).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });
});

describe("a schema that can't be used", () => {
  it.each([
    ["enum", object({ a: { enum: [] } })],
    ["$ref", object({ a: { $ref: "#/$defs/missing" } })],
    ["$ref", { $ref: "#/$defs/a", $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }] } } }],
    ["required", { $ref: "#/$defs/a", $defs: { a: object({ next: { $ref: "#/$defs/a" } }, { required: ["next"] }) } }],
    ["required", object({}, { required: ["a"], additionalProperties: false })],
    ["minProperties", object({ a: { type: "string" } }, { minProperties: 2, additionalProperties: false })],
    ["minLength", { type: "string", minLength: 5, maxLength: 3 }],
    ["minimum", { type: "integer", minimum: 0.2, maximum: 0.8 }],
    ["const", { type: "string", const: 1 }],
    ["allOf", { allOf: [{ type: "string" }, { type: "integer" }] }],
    ["pattern", { type: "string", pattern: "(" }],
    ["type", { type: "strng" }],
    ["minItems", { type: "array", minItems: -1 }],
  ])("is named by its keyword before anyone is asked: %s", async (keyword, schema) => {
    await using server = await startChatServer({ chunks: stream(raw(`${FINAL}{}`)) });
    for (const model of [modelFor(server), modelFor(server, { server: OWN_SERVER })]) {
      const asking = model.withStructuredOutput(schema).invoke("Hi");
      const problem = {
        code: "usage",
        message: expect.stringMatching(
          keyword === "required" ? /\$ref|required/ : new RegExp(`"${keyword.replace("$", String.raw`\$`)}"`),
        ),
      };
      await expect(asking).rejects.toMatchObject(problem);
    }
    expect(server.requests).toHaveLength(0);
  });

  it("is named with its tool and its place", async () => {
    await using server = await startChatServer({ chunks: stream(raw(`${FINAL}Hi`)) });
    const tool = { type: "function" as const, function: { name: "add", parameters: object({ "a/b": { enum: [] } }) } };
    await expect(modelFor(server).bindTools([tool]).invoke("Hi")).rejects.toMatchObject({
      message: expect.stringMatching(/"add".*#\/properties\/a~1b.*"enum"/),
    });
    expect(server.requests).toHaveLength(0);
  });
});

describe("a schema on its way to a server with a converter of its own", () => {
  it("has no bound, count or pattern that the converter would write out without end", async () => {
    const schema = object(
      {
        a: { type: "integer", minimum: 1e16 },
        b: { type: ["string", "null"], minLength: 5, maxLength: 3 },
        c: { type: "string", pattern: "^a{3000}$" },
        d: { type: "array", minItems: 3000, items: true },
        e: true,
        f: { $ref: "#/$defs/node" },
      },
      { $defs: { node: object({ next: { $ref: "#/$defs/node" } }) } },
    );
    const body = await bodyFor(schema, null);
    const sent = JSON.stringify(body["response_format"]);
    expect(sent).not.toMatch(/1e\+?16|10000000000000000|3000|"maxLength"|true\}/);
    expect(body["response_format"]).toMatchObject({
      json_schema: {
        schema: {
          properties: { a: { type: "integer" }, e: {}, f: { $ref: "#/$defs/node" } },
          $defs: { node: { type: "object" } },
        },
      },
    });
  });

  it("holds also for tools that nobody forces, with references written out and OpenAPI's nullable as templates know it", async () => {
    await using server = await startChatServer({ chunks: stream([{ content: "Hi" }]) });
    const parameters = object(
      {
        model: true,
        at: { $ref: "#/$defs/place" },
        n: { type: "integer", minimum: 1e16 },
        s: { type: "string", nullable: true },
      },
      { $defs: { place: object({ city: { type: "string" } }) } },
    );
    await modelFor(server, { server: OWN_SERVER })
      .bindTools([{ type: "function", function: { name: "f", parameters } }])
      .invoke("Hi");
    expect(server.requests[0]?.["tools"]).toMatchObject([
      {
        function: {
          parameters: {
            properties: {
              model: {},
              at: { type: "object", properties: { city: { type: "string" } } },
              n: { type: "integer" },
              s: { type: "string", nullable: true },
            },
          },
        },
      },
    ]);
    expect(JSON.stringify(server.requests[0]?.["tools"])).not.toContain("minimum");
  });
});

describe("a grammar", () => {
  it("lets no control token into text, spelled or real, and everything else", async () => {
    const grammar = String((await bodyFor({ type: "string" }))["grammar"]);
    const all = [
      ["a <|x|> b", true],
      ["<|en", true],
      ["<<|end", true],
      ["<|end|>", false],
      ["a<<|channel|>b", false],
    ] as const;
    for (const [text, isAllowed] of all) {
      expect([text, accepts(grammar, FINAL + JSON.stringify(text))]).toEqual([text, isAllowed]);
      const thinking = `<|channel|>analysis<|message|>${text}<|end|><|start|>assistant`;
      expect([text, accepts(grammar, `${thinking}${FINAL}"x"`)]).toEqual([text, isAllowed]);
    }
    expect(grammar.split("\n").filter((line) => /(?:::=|\|)\s*$/.test(line))).toEqual([]); // the next rule would be part of this one
  });

  it("keeps a token possible that is banned, where nothing else is allowed", () => {
    expect(
      biasBesideGrammar([
        [7, false],
        [8, 2],
      ]),
    ).toEqual([
      [7, -100],
      [8, 2],
    ]);
    expect(biasBesideGrammar({ 7: false, 8: 2 })).toEqual({ 7: -100, 8: 2 });
  });
});
