import type { GptOssError } from "../../errors.ts";
import { namedTypes, type SchemaObject, typeAllows, type TypeName, typeOfValue } from "./schema.ts";
import type { SchemaReason } from "./schema-error.ts";

type Bad = (why: SchemaReason, ...words: readonly string[]) => GptOssError;

const COUNTS = [
  ["string", "minLength", "maxLength"],
  ["array", "minItems", "maxItems"],
  ["array", "minContains", "maxContains"],
  ["object", "minProperties", "maxProperties"],
] as const;

/** Throws for a schema whose own keywords exclude each other, so that no value fits. What several schemas exclude together shows later. */
export function assertNotContradictory(schema: SchemaObject, bad: Bad): void {
  const types = namedTypes(schema);
  const isOnly = (...names: readonly TypeName[]) => types === undefined || types.every((name) => names.includes(name));
  for (const [type, least, most] of COUNTS) {
    if (isOnly(type) && (schema[least] ?? 0) > (schema[most] ?? Infinity)) throw bad("schemaNothing", least, most);
  }
  if (isOnly("integer", "number")) assertBounds(schema, isOnly("integer") && types !== undefined, bad);
  assertValues(schema, types, bad);
  if (isOnly("object") && (schema.required?.length ?? 0) > (schema.maxProperties ?? Infinity))
    throw bad("schemaNothing", "required", "maxProperties");
}

function assertBounds(schema: SchemaObject, isInteger: boolean, bad: Bad): void {
  const [least, leastName, isAbove] = tightest(schema, "minimum", "exclusiveMinimum", 1);
  const [most, mostName, isBelow] = tightest(schema, "maximum", "exclusiveMaximum", -1);
  const from = isInteger ? (isAbove && Number.isInteger(least) ? least + 1 : Math.ceil(least)) : least;
  const to = isInteger ? (isBelow && Number.isInteger(most) ? most - 1 : Math.floor(most)) : most;
  const isNothing = isInteger ? from > to : from > to || (from === to && (isAbove || isBelow));
  if (isNothing) throw bad("schemaNothing", leastName, mostName);
}

/** The stricter of a bound and its exclusive form. */
function tightest<Plain extends "minimum" | "maximum", Exclusive extends "exclusiveMinimum" | "exclusiveMaximum">(
  schema: SchemaObject,
  plain: Plain,
  exclusive: Exclusive,
  sign: 1 | -1,
): readonly [value: number, keyword: Plain | Exclusive, isExclusive: boolean] {
  const none = -Infinity * sign;
  const [inclusive, excluded] = [schema[plain] ?? none, schema[exclusive] ?? none];
  const isExclusive = excluded * sign >= inclusive * sign && excluded !== none;
  return isExclusive ? [excluded, exclusive, true] : [inclusive, plain, false];
}

function assertValues(schema: SchemaObject, types: readonly TypeName[] | undefined, bad: Bad): void {
  const values = "const" in schema ? [schema.const] : schema.enum;
  if (values === undefined) return;
  const keyword = "const" in schema ? "const" : "enum";
  if (types !== undefined && !values.some((value) => typeAllows(types, typeOfValue(value))))
    throw bad("schemaNothing", "type", keyword);
  if ("const" in schema && schema.enum !== undefined) {
    const same = JSON.stringify(schema.const);
    if (!schema.enum.some((value) => JSON.stringify(value) === same)) throw bad("schemaNothing", "const", "enum");
  }
}
