import type { GptOssError } from "../../errors/errors.ts";
import {
  namedTypes,
  type SchemaObject,
  typeAllows,
  type TypeName,
  typeOfValue,
  type SchemaReason,
  definitionOf,
  type JsonSchema,
  type SchemaDocument,
} from "./schema.ts";

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

/** The keywords whose schemas hold for the same value, so that a cycle through them alone never reaches anything. */
function schemasOfSameValue(schema: SchemaObject, document: SchemaDocument): readonly JsonSchema[] {
  const { $ref, allOf = [], anyOf = [], oneOf = [], not, if: condition, dependentSchemas = {} } = schema;
  return [
    ...($ref === undefined ? [] : [definitionOf(document, $ref)]),
    ...allOf,
    ...anyOf,
    ...oneOf,
    ...[not, condition, schema.then, schema.else].filter((inner) => inner !== undefined),
    ...Object.values(dependentSchemas),
  ];
}

/** Throws for references that lead back to where they started without a property or an item between. */
export function assertReferencesEnd(
  document: SchemaDocument,
  bad: (schema: SchemaObject, reference: string) => GptOssError,
): void {
  const done = new Set<SchemaObject>();
  const open = new Set<SchemaObject>();
  const visit = (schema: JsonSchema, from?: SchemaObject): void => {
    if (typeof schema === "boolean" || done.has(schema)) return;
    if (open.has(schema)) throw bad(from ?? schema, from?.$ref ?? "#");
    open.add(schema);
    for (const inner of schemasOfSameValue(schema, document)) visit(inner, schema);
    open.delete(schema);
    done.add(schema);
  };
  for (const schema of allSchemas(document)) visit(schema);
}

/** Every schema of a document, those inside others too. */
function allSchemas({ root, definitions }: SchemaDocument): ReadonlySet<SchemaObject> {
  const all = new Set<SchemaObject>();
  const add = (schema: JsonSchema | undefined): void => {
    if (typeof schema === "object") all.add(schema);
  };
  add(root);
  Object.values(definitions).forEach(add);
  for (const schema of all) childSchemas(schema).forEach(add);
  return all;
}

/** The schemas that stand directly inside one, of the same value or of its parts. */
export function childSchemas(schema: SchemaObject): readonly JsonSchema[] {
  const { allOf = [], anyOf = [], oneOf = [], prefixItems = [] } = schema;
  const { properties = {}, patternProperties = {}, dependentSchemas = {} } = schema;
  const single = [
    schema.not,
    schema.if,
    schema.then,
    schema.else,
    schema.additionalProperties,
    schema.unevaluatedProperties,
    schema.propertyNames,
    schema.items,
    schema.unevaluatedItems,
    schema.contains,
  ];
  return [
    ...allOf,
    ...anyOf,
    ...oneOf,
    ...prefixItems,
    ...single.filter((inner) => inner !== undefined),
    ...[properties, patternProperties, dependentSchemas].flatMap((map) => Object.values(map)),
  ];
}
