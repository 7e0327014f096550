import { definitionOf, type JsonSchema, namedTypes, type SchemaDocument, type SchemaObject } from "../schema/schema.ts";

/** Schemas without unions, references and conditions, which hold all at once. */
export type Conjunction = readonly SchemaObject[];

/** Unions that multiply to more than this would fill the grammar. */
const MAX_ALTERNATIVES = 512;

/** Thrown for unions that multiply to too many alternatives. */
export class TooManyAlternatives extends Error {}

/**
 * What schemas that hold at once allow, as a choice of conjunctions: unions multiplied out, references followed. It may allow more than
 * they do (`oneOf` that overlap, most of `not`), never less.
 */
export function alternativesOf(schemas: readonly JsonSchema[], document: SchemaDocument): readonly Conjunction[] {
  return schemas.reduce<readonly Conjunction[]>((found, schema) => both(found, expand(schema, document)), [[]]);
}

function expand(schema: JsonSchema, document: SchemaDocument): readonly Conjunction[] {
  if (typeof schema === "boolean") return schema ? [[]] : [];
  const { $ref, allOf = [], anyOf, oneOf, if: condition, then, else: otherwise, ...rest } = schema;
  const { dependentRequired = {}, dependentSchemas = {}, ...plain } = rest;
  const inner = (part: JsonSchema) => expand(part, document);
  const factors: (readonly Conjunction[])[] = [[[plain]]];
  const { not } = plain;
  if (not === true || (typeof not === "object" && Object.keys(not).every((key) => NOTES.has(key)))) return [];
  const unwanted = typeof not === "object" ? onlyRequired(not) : undefined;
  if (unwanted !== undefined) factors.push([withoutProperty(unwanted)]);
  if ($ref !== undefined) factors.push(inner(definitionOf(document, $ref)));
  factors.push(...allOf.map(inner));
  for (const union of [anyOf, oneOf]) if (union !== undefined) factors.push(union.flatMap(inner));
  if (condition !== undefined)
    factors.push([...both(inner(condition), inner(then ?? true)), ...inner(otherwise ?? true)]);
  for (const [name, needed] of Object.entries(dependentRequired))
    factors.push([withoutProperty(name), [{ required: [name, ...needed] }]]);
  for (const [name, needed] of Object.entries(dependentSchemas))
    factors.push([withoutProperty(name), ...both([[{ required: [name] }]], inner(needed))]);
  return factors.reduce(both);
}

const NOTES = new Set(["title", "description", "default"]);

/** The one property that a schema demands, if it says nothing else. */
function onlyRequired({ required, ...rest }: SchemaObject): string | undefined {
  return required?.length === 1 && Object.keys(rest).every((key) => NOTES.has(key) || key === "type")
    ? required[0]
    : undefined;
}

function withoutProperty(name: string): Conjunction {
  return [{ properties: { [name]: false } }];
}

function both(one: readonly Conjunction[], other: readonly Conjunction[]): readonly Conjunction[] {
  const isProduct = one.length > 1 && other.length > 1;
  if (isProduct && one.length * other.length > MAX_ALTERNATIVES) throw new TooManyAlternatives();
  return one.flatMap((left) => other.map((right) => distinct([...left, ...right])).filter(mayHold));
}

function distinct(schemas: Conjunction): Conjunction {
  return [...new Set(schemas.filter((schema) => Object.keys(schema).length > 0))];
}

/** False for schemas whose types have nothing in common. */
function mayHold(schemas: Conjunction): boolean {
  const named = schemas.map(namedTypes).filter((types) => types !== undefined);
  const [first, ...others] = named.map((types) => new Set(types.includes("number") ? [...types, "integer"] : types));
  if (first === undefined) return true;
  return [...first].some((type) => others.every((types) => types.has(type)));
}
