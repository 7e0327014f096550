import type { GptOssError } from "../../errors.ts";
import { definitionOf, type JsonSchema, type SchemaDocument, type SchemaObject } from "./schema.ts";

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
