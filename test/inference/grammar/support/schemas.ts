import * as fc from "fast-check";

type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema and a value that is valid by it, with its properties in the schema's order. */
export interface Sample {
  readonly schema: JsonSchema;
  readonly value: unknown;
}

/** In code points, as JSON Schema counts. */
const lengthOf = (value: string) => Array.from(value).length;

const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }).filter((key) => key !== "__proto__");

const text: fc.Arbitrary<Sample> = fc
  .string({ unit: "binary", maxLength: 12 })
  .chain((value) =>
    fc
      .constantFrom<JsonSchema>(
        { type: "string" },
        { type: "string", minLength: Math.max(lengthOf(value) - 2, 0), maxLength: lengthOf(value) + 1 },
        { enum: ["other", value, 7] },
        { const: value },
        { type: ["null", "string"] },
      )
      .map((schema) => ({ schema, value })),
  );

const integer: fc.Arbitrary<Sample> = fc
  .tuple(fc.integer(), fc.nat(2_000), fc.nat(2_000))
  .map(([value, below, above]) => ({
    schema: { type: "integer", minimum: value - below, exclusiveMaximum: value + above + 1 },
    value,
  }));

const number: fc.Arbitrary<Sample> = fc
  .double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
  .filter((value) => !Object.is(value, -0))
  .map((value) => ({ schema: value >= 0 ? { type: "number", minimum: 0 } : { type: "number" }, value }));

const instant = fc.date({
  min: new Date("0001-01-01T00:00:00Z"),
  max: new Date("9999-12-31T00:00:00Z"),
  noInvalidDate: true,
});
const formatted: fc.Arbitrary<Sample> = fc.oneof(
  instant.map((day) => ({ schema: { type: "string", format: "date" }, value: day.toISOString().slice(0, 10) })),
  instant.map((at) => ({ schema: { type: "string", format: "date-time" }, value: at.toISOString() })),
  instant.map((at) => ({ schema: { type: "string", format: "time" }, value: at.toISOString().slice(11) })),
  fc.uuid().map((value) => ({ schema: { type: "string", format: "uuid" }, value })),
);

const simple: fc.Arbitrary<Sample> = fc.oneof(
  text,
  integer,
  number,
  formatted,
  fc.boolean().map((value) => ({ schema: { type: "boolean" }, value })),
  fc.constant({ schema: { type: "null" }, value: null }),
  fc.jsonValue({ maxDepth: 2 }).map((value) => ({ schema: {}, value: JSON.parse(JSON.stringify(value)) as unknown })),
);

/** Schemas inside schemas, each with a value. */
export const sample = fc.letrec<{ any: Sample }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    simple,
    arrayOf(tie("any")),
    tupleOf(tie("any")),
    objectOf(tie("any")),
    unionOf(tie("any")),
  ),
})).any;

function arrayOf(inner: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return fc.tuple(inner, fc.nat(4), fc.nat(2), fc.nat(2)).map(([item, length, below, above]) => ({
    schema: { type: "array", items: item.schema, minItems: Math.max(length - below, 0), maxItems: length + above },
    value: Array.from({ length }, () => item.value),
  }));
}

function tupleOf(inner: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return fc.array(inner, { minLength: 1, maxLength: 3 }).map((places) => ({
    schema: { type: "array", prefixItems: places.map(({ schema }) => schema), items: false },
    value: places.map(({ value }) => value),
  }));
}

function objectOf(inner: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  const property = fc.record({ key: name, sample: inner, need: fc.constantFrom("required", "given", "left out") });
  return fc.uniqueArray(property, { selector: ({ key }) => key, maxLength: 4 }).map((properties) => {
    // numbers as keys would change places
    const named = properties.map((entry) => ({ ...entry, key: `k${entry.key}` }));
    const required = named.filter(({ need }) => need === "required").map(({ key }) => key);
    const given = named.filter(({ need }) => need !== "left out");
    return {
      schema: {
        type: "object",
        properties: Object.fromEntries(named.map(({ key, sample: { schema } }) => [key, schema])),
        required,
        additionalProperties: false,
      },
      value: Object.fromEntries(given.map(({ key, sample: { value } }) => [key, value])),
    };
  });
}

function unionOf(inner: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return fc.tuple(fc.array(inner, { minLength: 1, maxLength: 3 }), fc.nat(2)).map(([choices, pick]) => ({
    schema: { anyOf: choices.map(({ schema }) => schema) },
    value: choices[pick % choices.length]?.value,
  }));
}
