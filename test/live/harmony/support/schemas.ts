/** The parameters of a tool, in one of the shapes that JSON schemas come in. */
export interface NamedSchema {
  readonly name: string;
  readonly properties: object;
  readonly required?: readonly string[];
}

const object = (properties: object, required: readonly string[] = []) => ({ type: "object", properties, required });

export const schemas: readonly NamedSchema[] = [
  {
    name: "simple types",
    properties: {
      a: { type: "string" },
      b: { type: "number" },
      c: { type: "integer" },
      d: { type: "boolean" },
      e: { type: "object" },
      f: {},
    },
    required: ["a", "c"],
  },
  { name: "descriptions", properties: { a: { type: "string", description: "One.\nTwo." }, b: { description: "Any" } } },
  { name: "nullable", properties: { a: { type: "string", nullable: true }, b: { type: "number", nullable: true } } },
  { name: "an enum", properties: { unit: { type: "string", enum: ["celsius", "fahrenheit"] } }, required: ["unit"] },
  { name: "an enum with a default", properties: { unit: { type: "string", enum: ["c", "f"], default: "c" } } },
  { name: "an enum of one", properties: { unit: { type: "string", enum: ["c"] } } },
  {
    name: "defaults",
    properties: {
      a: { type: "string", default: "x" },
      b: { type: "number", default: 1.5 },
      c: { type: "boolean", default: false },
      d: { type: "array", items: { type: "string" }, default: [1, "a"] },
      e: { type: "object", default: { a: 1, b: [] } },
      f: { type: "string", default: "" },
      g: { type: "string", default: '日本 "x"' },
    },
  },
  {
    name: "arrays",
    properties: {
      a: { type: "array", items: { type: "string" } },
      b: { type: "array", items: { type: "number" } },
      c: { type: "array", items: { type: "integer" } },
      d: { type: "array", items: { type: "boolean" } },
      e: { type: "array", items: { type: "array", items: { type: "string" } } },
      f: { type: "array", items: {} },
    },
  },
  {
    name: "arrays that may be null",
    properties: {
      a: { type: "array", nullable: true, items: { type: "string" } },
    },
  },
  { name: "an array of an enum", properties: { a: { type: "array", items: { type: "string", enum: ["x", "y"] } } } },
  { name: "an array of small objects", properties: { a: { type: "array", items: object({ x: { type: "number" } }) } } },
  {
    name: "an array of large objects",
    properties: {
      a: {
        type: "array",
        items: object({ first: { type: "string" }, second: { type: "string" }, third: {} }, ["first"]),
      },
    },
  },
  {
    name: "an object",
    properties: { a: object({ x: { type: "number" }, y: { type: "string" } }, ["x"]) },
    required: ["a"],
  },
  {
    name: "an object in an object",
    properties: {
      a: object({ b: object({ c: { type: "string" }, d: { type: "array", items: { type: "number" } } }) }),
    },
  },
  { name: "an object without properties", properties: { a: { type: "object", properties: {} } } },
  { name: "several types", properties: { a: { type: ["string", "null"] }, b: { type: ["number"] } } },
  { name: "one of several", properties: { a: { oneOf: [{ type: "string" }, { type: "number" }] } } },
  {
    name: "one of several, described",
    properties: {
      a: {
        oneOf: [
          { type: "string", description: "A name" },
          { type: "integer", default: 3 },
        ],
        default: "x",
      },
    },
  },
  {
    name: "one of several objects",
    properties: { a: { oneOf: [object({ x: { type: "string" } }), { type: "object" }] } },
  },
  {
    name: "any of several",
    properties: { a: { anyOf: [{ type: "string" }, { type: "null" }], description: "Perhaps" } },
  },
  { name: "a constant and a format", properties: { a: { const: "x" }, b: { type: "string", format: "date" } } },
  {
    name: "limits",
    properties: { a: { type: "integer", minimum: 1, maximum: 9 }, b: { type: "string", pattern: "^a" } },
  },
  { name: "odd names", properties: { "a-b": { type: "string" }, "a b": { type: "number" }, 都市: { type: "string" } } },
  { name: "a required property that is not there", properties: { a: { type: "string" } }, required: ["b"] },
  {
    name: "properties named like a dictionary's functions",
    properties: { items: { type: "string" }, keys: { type: "number" } },
  },
];
