import type { Bound, NumberLimits } from "../automaton/number-automaton.ts";
import { formatPattern } from "../schema/patterns.ts";
import {
  type JsonSchema,
  namedTypes,
  type SchemaDocument,
  type SchemaObject,
  typeAllows,
  type TypeName,
  TYPE_NAMES,
  typeOfValue,
} from "../schema/schema.ts";
import { SchemaValidator } from "../schema/validator.ts";
import { alternativesOf, type Conjunction } from "./alternatives.ts";
import { arrayRule, objectRule, type PartRules } from "./collections.ts";
import { anyBoolean, anyValue, jsonLiteral, NULL, numberRule, type StringLimits, stringRule } from "./primitives.ts";
import { choice, type Expression, NOTHING, type Rules } from "./rules.ts";

/** Schemas that together allow nothing, and the keyword that was last in the way. */
export interface Impossibility {
  readonly schema: SchemaObject | undefined;
  readonly keyword: string;
}

/** Notes to the model, and what is dealt with elsewhere. */
const UNTYPED: ReadonlySet<string> = new Set([
  "title",
  "description",
  "default",
  "nullable",
  "not",
  "enum",
  "const",
  "type",
]);

const KEYWORDS_OF_TYPE: Readonly<Partial<Record<TypeName, readonly (keyof SchemaObject)[]>>> = {
  object: [
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "required",
    "minProperties",
    "maxProperties",
  ],
  array: ["prefixItems", "items", "unevaluatedItems", "contains", "minItems", "maxItems", "uniqueItems"],
  string: ["minLength", "maxLength", "format", "pattern"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
};

/**
 * Writes the rules for JSON that a schema allows. What no grammar can say (`oneOf` that overlap, most of `not`, `uniqueItems`) is allowed
 * too, and left to the check afterwards; nothing that the schema allows is left out, but for the limits in docs/model.md.
 */
export class SchemaGrammar {
  readonly #document: SchemaDocument;
  readonly #rules: Rules;
  #validator: SchemaValidator | undefined;
  readonly #numbers = new Map<SchemaObject, number>();
  readonly #names = new Map<string, string>();
  readonly #parts: PartRules;
  readonly impossibilities: Impossibility[] = [];

  constructor(document: SchemaDocument, rules: Rules) {
    this.#document = document;
    this.#rules = rules;
    this.#parts = {
      rules,
      ruleOf: (schemas, wish) => this.#ruleOf(schemas, wish),
      acceptsName: (schemas, name) => this.#accepts(schemas, name),
      stringLimitsOf: (schema) => this.#stringLimitsOf(schema),
      valuesOf: (schema) => this.#listedValues([schema]),
    };
  }

  /** A validator takes some milliseconds to make, and few schemas need one. */
  #accepts(schemas: readonly JsonSchema[], value: unknown): boolean {
    return (this.#validator ??= new SchemaValidator(this.#document)).accepts(schemas, value);
  }

  /** The rule of a whole document. */
  rootRule(wish: string): Expression {
    return this.#ruleOf([this.#document.root], wish);
  }

  /** The rule of a whole document that has to be an object, as the arguments of a call have to be. */
  objectRule(wish: string): Expression {
    const { root } = this.#document;
    const isObject = typeof root === "object" && root.type === "object";
    return this.#ruleOf(isObject ? [root] : [root, { type: "object" }], wish);
  }

  #ruleOf(given: readonly JsonSchema[], wish: string): Expression {
    if (given.includes(false)) return NOTHING;
    const schemas = [...new Set(given.filter((schema): schema is SchemaObject => schema !== true))];
    if (schemas.length === 0) return anyValue(this.#rules);
    const key = schemas
      .map((schema) => this.#numberOf(schema))
      .toSorted((a, b) => a - b)
      .join();
    const known = this.#names.get(key);
    if (known !== undefined) return { kind: "rule", name: known };
    const name = this.#rules.reserve(wish);
    // a schema that refers to itself finds its rule by this name
    this.#names.set(key, name);
    const conjunctions = alternativesOf(schemas, this.#document);
    const choices = conjunctions.map((conjunction) => this.#valueRule(conjunction, wish, schemas[0]));
    if (conjunctions.length === 0) this.impossibilities.push({ schema: schemas[0], keyword: blamed(schemas[0]) });
    this.#rules.define(name, choice(choices));
    return { kind: "rule", name };
  }

  #numberOf(schema: SchemaObject): number {
    const number = this.#numbers.get(schema) ?? this.#numbers.size;
    this.#numbers.set(schema, number);
    return number;
  }

  #valueRule(schemas: Conjunction, wish: string, origin: SchemaObject | undefined): Expression {
    const values = this.#listedValues(schemas);
    if (values !== undefined) {
      if (values.length === 0) this.impossibilities.push({ schema: origin, keyword: "enum" });
      return choice(values.map(jsonLiteral));
    }
    if (schemas.every((schema) => Object.keys(schema).every((key) => NOTES.has(key)))) return anyValue(this.#rules);
    const types = typesOf(schemas);
    if (types.length === 0) this.impossibilities.push({ schema: origin, keyword: "type" });
    return choice(types.map((type) => this.#typeRule(type, schemas, wish, origin)));
  }

  /** The values that enumerations leave over; undefined when there is none. */
  #listedValues(given: readonly JsonSchema[]): readonly unknown[] | undefined {
    const schemas = given.filter((schema) => typeof schema === "object");
    const listing = schemas.find((schema) => "const" in schema || schema.enum !== undefined);
    if (listing === undefined) return undefined;
    const values = "const" in listing ? [listing.const] : (listing.enum ?? []);
    const isSimple = schemas.every(
      (schema) => schema === listing && Object.keys(schema).every((key) => UNTYPED.has(key)),
    );
    if (!isSimple || listing.not !== undefined) return values.filter((value) => this.#accepts(schemas, value));
    const types = namedTypes(listing);
    const typed = types === undefined ? values : values.filter((value) => typeAllows(types, typeOfValue(value)));
    if (listing.enum === undefined || !("const" in listing)) return typed;
    return typed.filter((value) => this.#accepts([listing], value));
  }

  #typeRule(type: TypeName, schemas: Conjunction, wish: string, origin: SchemaObject | undefined): Expression {
    const made = this.#madeRule(type, schemas, wish);
    if (made === NOTHING) this.impossibilities.push({ schema: origin, keyword: blamed(schemas[0]) });
    return made;
  }

  #madeRule(type: TypeName, schemas: Conjunction, wish: string): Expression {
    switch (type) {
      case "object":
        return objectRule(schemas, wish, this.#parts);
      case "array":
        return arrayRule(schemas, wish, this.#parts);
      case "string":
        return stringRule(stringLimits(schemas), `${wish}-string`, this.#rules);
      case "integer":
      case "number":
        return numberRule(numberLimits(schemas, type === "integer"), this.#rules);
      case "boolean":
        return anyBoolean(this.#rules);
      case "null":
      default:
        return NULL;
    }
  }

  #stringLimitsOf(schema: JsonSchema): readonly StringLimits[] | undefined {
    const conjunctions = alternativesOf([schema], this.#document);
    const isListed = conjunctions.some((conjunction) => this.#listedValues(conjunction) !== undefined);
    return isListed ? undefined : conjunctions.map(stringLimits);
  }
}

const NOTES: ReadonlySet<string> = new Set(["title", "description", "default", "nullable"]);

/** The keyword of a schema that most likely excludes everything. */
function blamed(schema: SchemaObject | undefined): string {
  const keywords = Object.keys(schema ?? {}).filter((key) => !NOTES.has(key));
  return keywords.find((key) => key !== "type") ?? keywords[0] ?? "type";
}

/** The types that all schemas name, or that their keywords imply. */
function typesOf(schemas: Conjunction): readonly TypeName[] {
  const named = schemas.map(namedTypes).filter((types) => types !== undefined);
  const excludedTypes = schemas.flatMap(({ not }) =>
    typeof not === "object" && Object.keys(not).every((key) => key === "type" || NOTES.has(key))
      ? (namedTypes(not) ?? [])
      : [],
  );
  const excluded = new Set(excludedTypes);
  const isWanted = (type: TypeName) => !excluded.has(type);
  if (named.length === 0) {
    const implied = TYPE_NAMES.filter((type) =>
      KEYWORDS_OF_TYPE[type]?.some((key) => schemas.some((schema) => schema[key] !== undefined)),
    );
    const all = TYPE_NAMES.filter((type) => type !== "integer");
    return (implied.length > 0 ? implied : all).filter(isWanted);
  }
  const shared = TYPE_NAMES.filter((type) => named.every((types) => typeAllows(types, type))).filter(isWanted);
  return shared.includes("number") ? shared.filter((type) => type !== "integer") : shared;
}

function stringLimits(schemas: Conjunction): StringLimits {
  const patterns = schemas.flatMap(({ pattern, format }) => [pattern, formatPattern(format)]);
  const excluded = schemas.flatMap(({ not }) => (typeof not === "object" ? excludedTexts(not) : []));
  const longest = Math.min(...schemas.map(({ maxLength }) => maxLength ?? Infinity));
  return {
    patterns: [...new Set(patterns.filter((pattern) => pattern !== undefined))],
    excluded,
    least: Math.max(0, ...schemas.map(({ minLength }) => minLength ?? 0)),
    most: longest === Infinity ? undefined : longest,
  };
}

/** The texts that `not` lists, if it does nothing else. */
function excludedTexts(not: SchemaObject): readonly string[] {
  const isList = Object.keys(not).every((key) => key === "enum" || key === "const" || NOTES.has(key));
  if (!isList) return [];
  const values = "const" in not ? [not.const] : (not.enum ?? []);
  return values.filter((value) => typeof value === "string");
}

function numberLimits(schemas: Conjunction, isInteger: boolean): NumberLimits {
  const least = schemas.flatMap(({ minimum, exclusiveMinimum }) => [
    ...(minimum === undefined ? [] : [{ value: minimum, isExclusive: false }]),
    ...(exclusiveMinimum === undefined ? [] : [{ value: exclusiveMinimum, isExclusive: true }]),
  ]);
  const most = schemas.flatMap(({ maximum, exclusiveMaximum }) => [
    ...(maximum === undefined ? [] : [{ value: maximum, isExclusive: false }]),
    ...(exclusiveMaximum === undefined ? [] : [{ value: exclusiveMaximum, isExclusive: true }]),
  ]);
  return {
    isInteger,
    least: least.toSorted((a, b) => b.value - a.value || byStrictness(a, b))[0],
    most: most.toSorted((a, b) => a.value - b.value || byStrictness(a, b))[0],
    multiplesOf: [...new Set(schemas.flatMap(({ multipleOf }) => (multipleOf === undefined ? [] : [multipleOf])))],
  };
}

function byStrictness(a: Bound, b: Bound): number {
  return Number(b.isExclusive) - Number(a.isExclusive);
}
