import {
  DEFINITIONS,
  definitionOf,
  type JsonSchema,
  namedTypes,
  type SchemaDocument,
  type SchemaObject,
} from "./schema.ts";
import { childSchemas } from "./contradictions.ts";

type WireSchema = Readonly<Record<string, unknown>>;

/**
 * llama.cpp's own converter writes counts out, and takes all memory for a bound of 16 digits without another on its other side, or for
 * a minimum above its maximum (v0.5.0). What goes beyond this is checked here afterwards instead.
 */
const MAX_BOUND = 1e15;
const MAX_COUNT = 500;
/** References are written out for chat templates, which follow none, as long as that takes no more schemas than this. */
const MAX_INLINED = 400;

/**
 * A schema as it goes to a server: for its chat template, which knows types, properties, items, `oneOf` and OpenAPI's `nullable`, and for
 * the converter of a server that makes a grammar of its own. Every schema is an object, and only those that refer to themselves are
 * referred to.
 */
export function wireSchema(document: SchemaDocument): WireSchema {
  return new WireWriter(document).whole();
}

class WireWriter {
  readonly #document: SchemaDocument;
  readonly #recursive: ReadonlySet<string>;
  readonly #needed = new Set<string>();
  #written = 0;

  constructor(document: SchemaDocument) {
    this.#document = document;
    this.#recursive = recursiveDefinitions(document);
  }

  whole(): WireSchema {
    const root = this.#schema(this.#document.root);
    const definitions: Record<string, WireSchema> = {};
    // writing one may need another
    for (const name of this.#needed) definitions[name] = this.#schema(this.#document.definitions[name] ?? true);
    return this.#needed.size === 0 ? root : { ...root, $defs: definitions };
  }

  #schema(schema: JsonSchema): WireSchema {
    this.#written++;
    // nothing else is understood by every server; that it allows too much shows in the check
    if (typeof schema === "boolean") return {};
    const { $ref, allOf, nullable, ...rest } = schema;
    const own = { ...this.#keywords(rest), ...(nullable === true && nullableType(schema)) };
    const target = $ref === undefined ? {} : this.#reference($ref);
    const parts = [target, ...(allOf ?? []).map((part) => this.#schema(part))];
    const merged = parts.reduce<WireSchema | undefined>((whole, part) => whole && mergeObjects(whole, part), own);
    if (merged !== undefined) return merged;
    return { ...own, allOf: parts.filter((part) => Object.keys(part).length > 0) };
  }

  #reference(reference: string): WireSchema {
    const name = definitionName(reference);
    if (!this.#recursive.has(name) && this.#written < MAX_INLINED)
      return this.#schema(definitionOf(this.#document, reference));
    this.#needed.add(name);
    return { $ref: reference };
  }

  #keywords(schema: SchemaObject): Record<string, unknown> {
    const written: Record<string, unknown> = {};
    for (const [keyword, value] of Object.entries(withinLimits(schema))) {
      const inner: unknown = this.#keyword(keyword, value);
      if (inner !== undefined) written[keyword] = inner;
    }
    return written;
  }

  #keyword(keyword: string, value: unknown): unknown {
    switch (keyword) {
      case "properties":
      case "patternProperties":
      case "dependentSchemas": {
        // a property that is forbidden is not one to be told of
        const entries = Object.entries(value as Record<string, JsonSchema>).filter(([, inner]) => inner !== false);
        return Object.fromEntries(entries.map(([name, inner]) => [name, this.#schema(inner)]));
      }
      case "anyOf":
      case "oneOf":
        return (value as readonly JsonSchema[]).filter((part) => part !== false).map((part) => this.#schema(part));
      case "prefixItems":
        return (value as readonly JsonSchema[]).map((part) => this.#schema(part));
      case "additionalProperties":
      case "unevaluatedProperties":
        return typeof value === "boolean" ? value : this.#schema(value as JsonSchema);
      case "items":
        return value === false ? undefined : this.#schema(value as JsonSchema);
      case "not":
      case "if":
      case "then":
      case "else":
      case "propertyNames":
      case "contains":
        return typeof value === "boolean" ? undefined : this.#schema(value as JsonSchema);
      case "unevaluatedItems":
        return undefined;
      default:
        return value;
    }
  }
}

function nullableType(schema: SchemaObject): object {
  const types = (namedTypes(schema) ?? []).filter((type) => type !== "null");
  return { type: types.length === 1 ? types[0] : types, nullable: true };
}

function withinLimits(schema: SchemaObject): SchemaObject {
  const limited: Record<string, unknown> = { ...schema };
  for (const keyword of ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] as const) {
    if (Math.abs(schema[keyword] ?? 0) >= MAX_BOUND) delete limited[keyword];
  }
  for (const what of ["Length", "Items", "Properties"] as const) {
    const [least = 0, most = Infinity] = [schema[`min${what}`], schema[`max${what}`]];
    if (least > MAX_COUNT) limited[`min${what}`] = MAX_COUNT;
    if (most > MAX_COUNT || most < least) delete limited[`max${what}`];
  }
  const { pattern = "" } = schema;
  const counts = [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].flatMap(([, least, most]) => [
    Number(least),
    Number(most),
  ]);
  if (counts.some((count) => count > MAX_COUNT) || /\[\^?\]/.test(pattern)) delete limited["pattern"];
  return limited;
}

/** Two schemas as one, as far as that is a matter of joining properties; undefined otherwise. */
function mergeObjects(one: WireSchema, other: WireSchema): WireSchema | undefined {
  const merged: Record<string, unknown> = { ...other, ...one };
  for (const keyword of Object.keys(other).filter((key) => key in one)) {
    const [mine, theirs] = [one[keyword], other[keyword]];
    if (["title", "description", "default"].includes(keyword)) continue;
    if (keyword === "required") merged[keyword] = [...new Set([...(theirs as string[]), ...(mine as string[])])];
    else if (keyword === "properties" && !sharesNames(mine as object, theirs as object))
      merged[keyword] = { ...(theirs as object), ...(mine as object) };
    else if (JSON.stringify(mine) !== JSON.stringify(theirs)) return undefined;
  }
  return merged;
}

function sharesNames(one: object, other: object): boolean {
  return Object.keys(one).some((name) => Object.hasOwn(other, name));
}

function definitionName(reference: string): string {
  return reference.slice(DEFINITIONS.length);
}

/** The definitions that lead back to themselves. */
function recursiveDefinitions(document: SchemaDocument): ReadonlySet<string> {
  const namesIn = (schema: JsonSchema): readonly string[] => {
    if (typeof schema === "boolean") return [];
    const own = schema.$ref === undefined ? [] : [definitionName(schema.$ref)];
    return [...own, ...childSchemas(schema).flatMap(namesIn)];
  };
  const direct = new Map(Object.entries(document.definitions).map(([name, schema]) => [name, namesIn(schema)]));
  const recursive = [...direct.keys()].filter((name) => {
    const reached = new Set(direct.get(name));
    for (const next of reached) for (const further of direct.get(next) ?? []) reached.add(further);
    return reached.has(name);
  });
  return new Set(recursive);
}
