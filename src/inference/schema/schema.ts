import type { GptOssError } from "../../errors/errors.ts";
import { createError, type LocalizedText, type ErrorDetailKey, errorDetail } from "../../i18n/error-messages.ts";

/** A schema as `readSchema` gives it: JSON Schema 2020-12, whatever dialect it was written in. */
export type JsonSchema = SchemaObject | boolean;

export type TypeName = "null" | "boolean" | "integer" | "number" | "string" | "array" | "object";

export const TYPE_NAMES: readonly TypeName[] = ["null", "boolean", "integer", "number", "string", "array", "object"];

export interface SchemaObject {
  /** `#/$defs/NAME`, and nothing else. */
  readonly $ref?: string;
  readonly type?: TypeName | readonly TypeName[];
  /** Kept beside a type that has "null" added, for OpenAPI's way of writing it. */
  readonly nullable?: true;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
  readonly if?: JsonSchema;
  readonly then?: JsonSchema;
  readonly else?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema;
  readonly unevaluatedProperties?: JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
  readonly dependentSchemas?: Readonly<Record<string, JsonSchema>>;
  readonly prefixItems?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly unevaluatedItems?: JsonSchema;
  readonly contains?: JsonSchema;
  readonly minContains?: number;
  readonly maxContains?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
}

/** A whole schema, with all that its `$ref`s point at. */
export interface SchemaDocument {
  readonly root: JsonSchema;
  /** By the names that stand in `#/$defs/NAME`. */
  readonly definitions: Readonly<Record<string, JsonSchema>>;
  /** Where each schema stood in what was read. */
  readonly pointers: ReadonlyMap<SchemaObject, string>;
}

export const DEFINITIONS = "#/$defs/";

/** What a `$ref` of a document points at. */
export function definitionOf({ definitions }: SchemaDocument, reference: string): JsonSchema {
  const name = reference.slice(DEFINITIONS.length);
  return Object.hasOwn(definitions, name) ? (definitions[name] ?? true) : true;
}

/** The types that a schema names; undefined when it names none. */
export function namedTypes({ type }: SchemaObject): readonly TypeName[] | undefined {
  return type === undefined ? undefined : typeof type === "string" ? [type] : type;
}

/** The type of a value, "integer" for whole numbers. */
export function typeOfValue(value: unknown): TypeName {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "string" ? "string" : typeof value === "boolean" ? "boolean" : "object";
}

export function typeAllows(types: readonly TypeName[], type: TypeName): boolean {
  return types.includes(type) || (type === "integer" && types.includes("number"));
}

/** The document as one JSON object. */
export function schemaJson({ root, definitions }: SchemaDocument): Record<string, unknown> {
  const own = typeof root === "boolean" ? {} : root;
  return Object.keys(definitions).length === 0 ? { ...own } : { ...own, $defs: definitions };
}

/** What is read, for the sentence that says what is wrong with it. */
export type SchemaSubject = LocalizedText;

export const ANSWER_SCHEMA: SchemaSubject = errorDetail("answerSchema");

export function toolSchema(name: string): SchemaSubject {
  return errorDetail("toolSchema", name);
}

/** A schema that can't be used: where, and the keyword that makes it so. */
export function badSchema(subject: SchemaSubject, pointer: string, why: LocalizedText): GptOssError {
  return createError("unusableSchema", [subject, pointer, why]);
}

export type SchemaReason = Extract<ErrorDetailKey, `schema${string}`>;
