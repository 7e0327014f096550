import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { z } from "zod";
import { Rules } from "../../../src/inference/grammar/rules.ts";
import { SchemaGrammar } from "../../../src/inference/grammar/schema-grammar.ts";
import { readSchema } from "../../../src/inference/schema/read-schema.ts";
import { accepts } from "./support/gbnf.ts";
import { sample } from "./support/schemas.ts";
import { sized } from "../../support/full-size.ts";

type JsonSchemaOrBoolean = boolean | Readonly<Record<string, unknown>>;

function grammarOf(schema: JsonSchemaOrBoolean): string {
  const rules = new Rules();
  rules.reserve("root");
  rules.define("root", new SchemaGrammar(readSchema(schema, "it"), rules).rootRule("answer"));
  return rules.toString();
}

const allows = (schema: JsonSchemaOrBoolean, value: unknown) => accepts(grammarOf(schema), JSON.stringify(value));
const fromZod = (schema: z.ZodType) => z.toJSONSchema(schema) as JsonSchemaOrBoolean;

describe("the grammar of a schema", () => {
  it("allows every value that the schema allows, with spaces and without", () => {
    fc.assert(
      fc.property(sample, ({ schema, value }) => {
        const grammar = grammarOf(schema);
        expect(accepts(grammar, JSON.stringify(value))).toBe(true);
        // a line break only where JSON puts it
        expect(accepts(grammar, JSON.stringify(value, undefined, 2))).toBe(true);
      }),
      { numRuns: sized(60, 300) },
    );
  });

  const Node: z.ZodType = z.object({
    name: z.string(),
    get children() {
      return z.array(Node);
    },
  });
  it.each<[string, JsonSchemaOrBoolean, readonly unknown[], readonly unknown[]]>([
    [
      "optional properties",
      fromZod(z.object({ a: z.string().optional(), b: z.number(), c: z.boolean().optional() })),
      [{ b: 1 }, { a: "x", b: 1 }, { b: 1, c: true }, { a: "x", b: 1, c: false }],
      [{}, { a: "x" }, { b: "1" }, { b: 1, d: 1 }],
    ],
    [
      "nothing but optional ones",
      fromZod(z.object({ a: z.string().optional(), b: z.number().optional() })),
      [{}, { a: "x" }, { b: 1 }, { a: "x", b: 1 }],
      [{ c: 1 }, { a: 1 }],
    ],
    ["an enum", fromZod(z.enum(["a", 'b"\\\n', "猫"])), ["a", 'b"\\\n', "猫"], ["c", "", 1]],
    ["a union", fromZod(z.union([z.string(), z.number(), z.null()])), ["x", 1.5, null], [true, [], {}]],
    ["a record", fromZod(z.record(z.string(), z.number())), [{}, { a: 1, b: 2 }], [{ a: "x" }]],
    [
      "recursion",
      fromZod(Node),
      [{ name: "a", children: [{ name: "b", children: [] }] }],
      [{ name: "a", children: [{}] }],
    ],
    [
      "an object that extends another",
      {
        allOf: [{ $ref: "#/$defs/A" }, { properties: { b: { type: "null" } }, required: ["b"] }],
        $defs: { A: { type: "object", properties: { a: { type: "integer" } }, required: ["a"] } },
      },
      [{ a: 1, b: null }],
      [{ a: 1 }, { b: null }],
    ],
    [
      "variants that share properties",
      {
        type: "object",
        properties: { k: { type: "string" } },
        required: ["k"],
        oneOf: [
          { properties: { x: { type: "integer" } }, required: ["x"] },
          { properties: { y: { type: "integer" } }, required: ["y"] },
        ],
      },
      [
        { k: "a", x: 1 },
        { k: "a", y: 1 },
      ],
      [{ k: "a" }, { x: 1 }],
    ],
    [
      "bounds of an integer",
      { type: "integer", minimum: -12, maximum: 105 },
      [-12, -9, 0, 7, 10, 99, 100, 105],
      [-13, -20, 106, 110, 200, 1000, 1.5],
    ],
    ["lengths", { type: "string", minLength: 2, maxLength: 3 }, ["ab", "abc", "日本"], ["", "a", "abcd"]],
    ["counts", { type: "array", items: { type: "integer" }, minItems: 1, maxItems: 2 }, [[1], [1, 2]], [[], [1, 2, 3]]],
    [
      "zod's date",
      fromZod(z.iso.date()),
      ["2024-02-29", "2023-12-31", "2000-02-29"],
      ["2023-02-29", "2023-04-31", "2023-13-01", "1900-02-29"],
    ],
    [
      "zod's date and time",
      fromZod(z.iso.datetime()),
      ["2024-01-01T23:59:59Z", "2024-01-01T00:00:00.123Z"],
      ["2024-01-01", "2024-01-01T24:00:00Z", "2024-01-01T12:00:00+01:00"],
    ],
    ["a time", { format: "time" }, ["12:34:56Z", "12:34:56.5+09:00"], ["12:34:56", "25:00:00Z"]],
    ["a time without an offset", { format: "time", pattern: "^[0-9:.]+$" }, ["12:34:56"], ["12:34:56Z"]],
    ["a required property that is not described", { type: "object", required: ["a"] }, [{ a: [] }], [{}]],
    ["anything", true, [null, 1, "x", [1, { a: [] }], {}], []],
    ["any object", { type: "object" }, [{}, { a: [1] }], [[], "x"]],
    [
      "a name of a rule of ours",
      {
        type: "object",
        properties: { string: { $ref: "#/$defs/string" } },
        required: ["string"],
        $defs: { string: { type: "integer" } },
      },
      [{ string: 1 }],
      [{ string: "x" }],
    ],
  ])("of %s allows what it should, and no more", (_, schema, right, wrong) => {
    expect(right.filter((value) => !allows(schema, value))).toEqual([]);
    expect(wrong.filter((value) => allows(schema, value))).toEqual([]);
  });

  it("lets through what it can't say, which is checked afterwards", () => {
    expect(allows({ type: "string", pattern: String.raw`^(a+)\1$` }, "b")).toBe(true);
    expect(allows({ type: "array", items: true, uniqueItems: true }, [1, 1])).toBe(true);
  });

  it("lets no half of a surrogate pair into a string", () => {
    for (const schema of [true, { type: "string" }, { type: "string", maxLength: 5 }, { pattern: "^.*$" }]) {
      const grammar = grammarOf(schema);
      expect(["\u{1F431}", "\uD83D", "\uDC31"].map((text) => accepts(grammar, `"${text}"`))).toEqual([
        true,
        false,
        false,
      ]);
    }
  });

  it("bounds integers exactly", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -3_000, max: 3_000 }),
        fc.nat(3_000),
        fc.integer({ min: -7_000, max: 7_000 }),
        (from, size, value) => {
          expect(allows({ type: "integer", minimum: from, maximum: from + size }, value)).toBe(
            value >= from && value <= from + size,
          );
        },
      ),
      { numRuns: sized(100, 500) },
    );
  });
});
