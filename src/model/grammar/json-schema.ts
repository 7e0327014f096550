/** The part of JSON Schema that is understood here. What is not understood is let through, and left to the check afterwards. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchemaOrBoolean>>;
  readonly definitions?: Readonly<Record<string, JsonSchemaOrBoolean>>;
  readonly type?: string | readonly string[];
  readonly nullable?: boolean;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchemaOrBoolean[];
  readonly oneOf?: readonly JsonSchemaOrBoolean[];
  readonly allOf?: readonly JsonSchemaOrBoolean[];
  readonly properties?: Readonly<Record<string, JsonSchemaOrBoolean>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchemaOrBoolean;
  readonly propertyNames?: JsonSchemaOrBoolean;
  readonly items?: JsonSchemaOrBoolean | readonly JsonSchemaOrBoolean[];
  readonly prefixItems?: readonly JsonSchemaOrBoolean[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** `true` allows anything; `false`, which allows nothing, is no grammar and is taken for `true`. */
export type JsonSchemaOrBoolean = JsonSchema | boolean;

/** What a `$ref` such as `#/$defs/Node` points at; undefined when it leads nowhere or out of the document. */
export function resolveReference(reference: string, root: JsonSchemaOrBoolean): JsonSchemaOrBoolean | undefined {
  if (!reference.startsWith("#")) return undefined;
  let here: unknown = root;
  for (const step of reference.slice(1).split("/").filter(Boolean)) {
    const name = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    here = typeof here === "object" && here !== null ? (here as Record<string, unknown>)[name] : undefined;
  }
  return typeof here === "object" || typeof here === "boolean" ? (here as JsonSchemaOrBoolean) : undefined;
}

/** Several schemas that hold at once, as one: their properties together, of anything else the last word. */
export function mergeSchemas(schemas: readonly JsonSchema[]): JsonSchema {
  const merged = Object.assign({}, ...schemas) as JsonSchema;
  const required = schemas.flatMap((schema) => schema.required ?? []);
  const properties = Object.assign({}, ...schemas.map((schema) => schema.properties ?? {})) as NonNullable<
    JsonSchema["properties"]
  >;
  return {
    ...merged,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required: [...new Set(required)] }),
  };
}
