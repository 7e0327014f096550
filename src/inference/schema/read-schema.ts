import { errorDetail } from "../../i18n/error-messages.ts";
import { assertNotContradictory, assertReferencesEnd } from "./contradictions.ts";
import { formatBesidePattern, patternMatcher, unicodePattern } from "./patterns.ts";
import { SchemaReferences } from "./references.ts";
import {
  DEFINITIONS,
  type JsonSchema,
  type SchemaDocument,
  type SchemaObject,
  TYPE_NAMES,
  type TypeName,
  badSchema,
  type SchemaReason,
  type SchemaSubject,
} from "./schema.ts";

type RawObject = Readonly<Record<string, unknown>>;
type Written = { -readonly [Key in keyof SchemaObject]?: SchemaObject[Key] };

const LISTS_OF_SCHEMAS = ["allOf", "anyOf", "oneOf"] as const;
const SCHEMAS = [
  "not",
  "if",
  "then",
  "else",
  "additionalProperties",
  "unevaluatedProperties",
  "propertyNames",
  "unevaluatedItems",
  "contains",
] as const;
const MAPS_OF_SCHEMAS = ["properties", "patternProperties", "dependentSchemas"] as const;
const COUNTS = [
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "minContains",
  "maxContains",
] as const;
/** Of draft 3, where they forbid something: to overlook one would allow too much. */
const UNSUPPORTED = ["disallow", "extends", "divisibleBy"] as const;
const DEEPEST = 200;

/**
 * Reads JSON Schema of draft 4 to 2020-12 and of OpenAPI 3.0 into one form, which grammar, check and prompt share. Keywords that decide
 * nothing are left out.
 * @throws GptOssError `usage` that names the place and the keyword of what can't be used
 */
export function readSchema(raw: unknown, subject: SchemaSubject): SchemaDocument {
  const reader = new SchemaReader(raw, subject);
  return reader.document();
}

class SchemaReader {
  readonly #root: unknown;
  readonly #subject: SchemaSubject;
  readonly #references: SchemaReferences;
  readonly #definitions: Record<string, JsonSchema> = {};
  readonly #names = new Map<object, string>();
  readonly #pointers = new Map<SchemaObject, string>();
  /** Up to draft 7 nothing beside a `$ref` counts. */
  readonly #onlyReferences: boolean;

  constructor(root: unknown, subject: SchemaSubject) {
    this.#root = root;
    this.#subject = subject;
    this.#references = new SchemaReferences(root);
    const dialect = isObject(root) ? root["$schema"] : undefined;
    this.#onlyReferences = typeof dialect === "string" && /draft-0[3467]/.test(dialect);
  }

  document(): SchemaDocument {
    const root = this.#schema(this.#root, "#", 0);
    const document = { root, definitions: this.#definitions, pointers: this.#pointers };
    assertReferencesEnd(document, (schema, reference) =>
      this.#bad(this.#pointers.get(schema) ?? "#", "schemaCycle", reference),
    );
    return document;
  }

  #bad(pointer: string, why: SchemaReason, ...words: readonly string[]) {
    return badSchema(this.#subject, pointer, errorDetail(why, ...(words as [string, string])));
  }

  #schema(raw: unknown, pointer: string, depth: number): JsonSchema {
    if (typeof raw === "boolean") return raw;
    if (!isObject(raw)) throw this.#bad(pointer, "schemaNotSchema");
    if (depth > DEEPEST) throw this.#bad(pointer, "schemaTooLarge");
    const written: Written = {};
    const schema: SchemaObject = written;
    this.#pointers.set(schema, pointer);
    for (const keyword of UNSUPPORTED) {
      if (raw[keyword] !== undefined) throw this.#bad(pointer, "schemaUnsupported", keyword);
    }
    this.#notes(raw, written);
    const target = this.#reference(raw, pointer, depth);
    if (target !== undefined) {
      if (typeof target === "boolean") return target;
      written.$ref = target.$ref;
      if (this.#onlyReferences) return schema;
    }
    this.#values(raw, written, pointer);
    this.#numbers(raw, written, pointer);
    this.#strings(raw, written, pointer);
    this.#inner(raw, written, pointer, depth);
    this.#arrays(raw, written, pointer, depth);
    this.#objects(raw, written, pointer);
    assertNotContradictory(schema, (why, ...words) => this.#bad(pointer, why, ...words));
    return schema;
  }

  #notes(raw: RawObject, written: Written): void {
    for (const key of ["title", "description"] as const) {
      const note = raw[key];
      if (typeof note === "string") written[key] = note;
    }
    if (raw["default"] !== undefined) written.default = raw["default"];
  }

  #reference(raw: RawObject, pointer: string, depth: number): { readonly $ref: string } | boolean | undefined {
    const keyword = ["$ref", "$dynamicRef", "$recursiveRef"].find((name) => isGiven(raw[name]));
    if (keyword === undefined) return undefined;
    const reference = raw[keyword];
    if (typeof reference !== "string") throw this.#bad(pointer, "schemaWrongValue", keyword);
    const target = this.#references.resolve(reference, raw);
    if (typeof target === "boolean") return target;
    if (!isObject(target)) throw this.#bad(pointer, "schemaDangling", keyword, reference);
    const known = this.#names.get(target);
    if (known !== undefined) return { $ref: DEFINITIONS + known };
    const name = this.#nameFor(reference);
    this.#names.set(target, name);
    // a place is taken before its content is read, which may refer to it
    this.#definitions[name] = true;
    this.#definitions[name] = this.#schema(target, reference.startsWith("#") ? reference : pointer, depth + 1);
    return { $ref: DEFINITIONS + name };
  }

  #nameFor(reference: string): string {
    const last = reference.split(/[/#]/).findLast((part) => part !== "") ?? "root";
    const clean = last.replaceAll(/[^A-Za-z0-9_]+/g, "_").slice(0, 60);
    for (let number = 1; ; number++) {
      const name = number === 1 ? clean : `${clean}_${number}`;
      if (!Object.hasOwn(this.#definitions, name) && name !== "__proto__") return name;
    }
  }

  #values(raw: RawObject, written: Written, pointer: string): void {
    const types = this.#types(raw["type"], pointer);
    if (types !== undefined) {
      const isNullable = raw["nullable"] === true && !types.includes("null");
      const all: readonly TypeName[] = isNullable ? [...types, "null"] : types;
      written.type = all.length === 1 ? (all[0] as TypeName) : all;
      if (isNullable) written.nullable = true;
    }
    if (raw["const"] !== undefined) written.const = raw["const"];
    if (!isGiven(raw["enum"])) return;
    if (!Array.isArray(raw["enum"])) throw this.#bad(pointer, "schemaWrongValue", "enum");
    if (raw["enum"].length === 0) throw this.#bad(pointer, "schemaEmptyList", "enum");
    const distinct = new Map(raw["enum"].map((value: unknown) => [JSON.stringify(value), value]));
    written.enum = [...distinct.values()];
  }

  #types(type: unknown, pointer: string): readonly TypeName[] | undefined {
    if (!isGiven(type) || type === "any") return undefined;
    const names: readonly unknown[] = Array.isArray(type) ? type : [type];
    if (names.length === 0) throw this.#bad(pointer, "schemaEmptyList", "type");
    const known = names.map((name) => {
      const lower = typeof name === "string" ? name.toLowerCase() : undefined;
      const found = TYPE_NAMES.find((candidate) => candidate === lower);
      if (found === undefined) throw this.#bad(pointer, "schemaWrongValue", "type");
      return found;
    });
    return [...new Set(known)];
  }

  #numbers(raw: RawObject, written: Written, pointer: string): void {
    for (const keyword of ["minimum", "maximum", "multipleOf"] as const) {
      const value = raw[keyword];
      if (!isGiven(value)) continue;
      const isRight = typeof value === "number" && Number.isFinite(value) && (keyword !== "multipleOf" || value > 0);
      if (!isRight) throw this.#bad(pointer, "schemaWrongValue", keyword);
      written[keyword] = value;
    }
    for (const [keyword, plain] of [
      ["exclusiveMinimum", "minimum"],
      ["exclusiveMaximum", "maximum"],
    ] as const) {
      const value = raw[keyword];
      if (!isGiven(value) || value === false) continue;
      // draft 4 and OpenAPI 3.0: true makes the bound beside it an exclusive one
      const bound = value === true ? written[plain] : value;
      if (value === true) delete written[plain];
      if (bound === undefined) continue;
      if (typeof bound !== "number" || !Number.isFinite(bound)) throw this.#bad(pointer, "schemaWrongValue", keyword);
      written[keyword] = bound;
    }
    for (const keyword of COUNTS) {
      const value = raw[keyword];
      if (!isGiven(value)) continue;
      if (!Number.isInteger(value) || (value as number) < 0) throw this.#bad(pointer, "schemaWrongValue", keyword);
      written[keyword] = value as number;
    }
  }

  #strings(raw: RawObject, written: Written, pointer: string): void {
    if (typeof raw["format"] === "string") written.format = raw["format"];
    if (!isGiven(raw["pattern"])) return;
    const pattern = this.#pattern(raw["pattern"], "pattern", pointer);
    written.pattern = pattern;
    if (written.format !== undefined)
      written.format = formatBesidePattern(written.format, (text) => patternMatcher(pattern).test(text));
  }

  #pattern(raw: unknown, keyword: string, pointer: string): string {
    const pattern = typeof raw === "string" ? unicodePattern(raw) : undefined;
    if (pattern === undefined) throw this.#bad(pointer, "schemaBadPattern", keyword, String(raw));
    return pattern;
  }

  #inner(raw: RawObject, written: Written, pointer: string, depth: number): void {
    for (const keyword of LISTS_OF_SCHEMAS) {
      const list = raw[keyword];
      if (!isGiven(list)) continue;
      if (!Array.isArray(list)) throw this.#bad(pointer, "schemaWrongValue", keyword);
      if (list.length === 0) throw this.#bad(pointer, "schemaEmptyList", keyword);
      written[keyword] = list.map((part, index) => this.#schema(part, `${pointer}/${keyword}/${index}`, depth + 1));
    }
    for (const keyword of SCHEMAS) {
      if (isGiven(raw[keyword])) written[keyword] = this.#schema(raw[keyword], `${pointer}/${keyword}`, depth + 1);
    }
    for (const keyword of MAPS_OF_SCHEMAS) {
      if (isGiven(raw[keyword])) written[keyword] = this.#map(raw[keyword], keyword, pointer, depth);
    }
  }

  #map(raw: unknown, keyword: string, pointer: string, depth: number): Readonly<Record<string, JsonSchema>> {
    if (!isObject(raw)) throw this.#bad(pointer, "schemaWrongValue", keyword);
    const entries = Object.entries(raw).map(([name, inner]): [string, JsonSchema] => {
      const key = keyword === "patternProperties" ? this.#pattern(name, keyword, pointer) : name;
      return [key, this.#schema(inner, `${pointer}/${keyword}/${escapeStep(name)}`, depth + 1)];
    });
    return Object.fromEntries(entries);
  }

  #arrays(raw: RawObject, written: Written, pointer: string, depth: number): void {
    // up to 2019-09 a list of `items` was a tuple, and `additionalItems` what follows it
    const isTuple = Array.isArray(raw["items"]);
    const tuple = isGiven(raw["prefixItems"]) ? "prefixItems" : isTuple ? "items" : undefined;
    const rest = !isTuple ? "items" : isGiven(raw["additionalItems"]) ? "additionalItems" : undefined;
    if (tuple !== undefined) {
      const places = raw[tuple];
      if (!Array.isArray(places)) throw this.#bad(pointer, "schemaWrongValue", tuple);
      const read = places.map((place, index) => this.#schema(place, `${pointer}/${tuple}/${index}`, depth + 1));
      if (read.length > 0) written.prefixItems = read;
    }
    if (rest !== undefined && isGiven(raw[rest]))
      written.items = this.#schema(raw[rest], `${pointer}/${rest}`, depth + 1);
    if (raw["uniqueItems"] === true) written.uniqueItems = true;
  }

  #objects(raw: RawObject, written: Written, pointer: string): void {
    const required = this.#required(raw, pointer);
    if (required.length > 0) written.required = required;
    const dependent: Record<string, readonly string[]> = {};
    const schemas: Record<string, JsonSchema> = { ...written.dependentSchemas };
    // `dependencies` is what draft 7 called both
    for (const keyword of ["dependencies", "dependentRequired"] as const) {
      const map = raw[keyword];
      if (!isGiven(map)) continue;
      if (!isObject(map)) throw this.#bad(pointer, "schemaWrongValue", keyword);
      for (const [name, value] of Object.entries(map)) {
        if (Array.isArray(value)) dependent[name] = this.#nameList(value, keyword, pointer);
        else if (keyword === "dependencies")
          schemas[name] = this.#schema(value, `${pointer}/${keyword}/${escapeStep(name)}`, 0);
        else throw this.#bad(pointer, "schemaWrongValue", keyword);
      }
    }
    if (Object.keys(dependent).length > 0) written.dependentRequired = dependent;
    if (Object.keys(schemas).length > 0) written.dependentSchemas = schemas;
  }

  /** Draft 3 said it inside each property, and tools of today still do. */
  #required(raw: RawObject, pointer: string): readonly string[] {
    const listed = Array.isArray(raw["required"]) ? this.#nameList(raw["required"], "required", pointer) : [];
    if (isGiven(raw["required"]) && !Array.isArray(raw["required"]) && typeof raw["required"] !== "boolean")
      throw this.#bad(pointer, "schemaWrongValue", "required");
    const properties = isObject(raw["properties"]) ? Object.entries(raw["properties"]) : [];
    const marked = properties.filter(([, inner]) => isObject(inner) && inner["required"] === true);
    return [...new Set([...listed, ...marked.map(([name]) => name)])];
  }

  #nameList(list: readonly unknown[], keyword: string, pointer: string): readonly string[] {
    return list.map((name) => {
      if (typeof name !== "string") throw this.#bad(pointer, "schemaWrongValue", keyword);
      return name;
    });
  }
}

function isObject(value: unknown): value is RawObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Many generators write null for a keyword that is not there. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function escapeStep(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
