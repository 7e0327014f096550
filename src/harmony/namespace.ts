/** A JSON schema, as far as gpt-oss is shown it. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly nullable?: boolean;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** A function that the model may call. */
export interface HarmonyTool {
  readonly name: string;
  readonly description?: string;
  /** An object's schema; without properties the function takes nothing. */
  readonly parameters?: JsonSchema;
}

/** An array's items are named while they are short. */
const LONGEST_ITEM = 50;

/**
 * Tools as the TypeScript namespace that gpt-oss was trained on. Line breaks and spaces are those of its own template
 * (prompts/harmony.jinja), odd as some are: the model has never met others.
 */
export function renderNamespace(tools: readonly HarmonyTool[]): string {
  return `## functions\n\nnamespace functions {\n\n${tools.map(renderTool).join("")}} // namespace functions`;
}

function renderTool({ name, description = "", parameters }: HarmonyTool): string {
  const properties = Object.entries(parameters?.properties ?? {});
  const lines = properties.map(([property, schema]) => renderParameter(property, schema, parameters?.required ?? []));
  const signature = lines.length === 0 ? "()" : `(_: {\n${lines.join("")}})`;
  return `// ${description}\ntype ${name} = ${signature} => any;\n\n`;
}

function renderParameter(name: string, schema: JsonSchema, required: readonly string[]): string {
  const comment = schema.description ? `// ${schema.description}\n` : "";
  return `${comment}${name}${required.includes(name) ? "" : "?"}: ${typeOf(schema)}${renderDefault(schema)},\n`;
}

function renderDefault({ default: value, enum: choices, oneOf }: JsonSchema): string {
  if (value === undefined) return "";
  if (choices?.length) return `, // default: ${plainText(value)}`;
  return oneOf?.length ? `// default: ${plainText(value)}` : `, // default: ${spacedJson(value)}`;
}

function typeOf(schema: JsonSchema): string {
  const { type, oneOf } = schema;
  if (type === "array") return arrayType(schema);
  if (type !== undefined && typeof type !== "string") return type.length === 0 ? "any" : type.join(" | ");
  if (oneOf?.length) return oneOf.map(variantType).join(" | \n");
  return simpleType(schema);
}

function simpleType({ type, enum: choices, nullable, properties = {}, required = [] }: JsonSchema): string {
  if (type === "string") {
    return choices?.length ? choices.map(choiceText).join(" | ") : `string${nullable ? " | null" : ""}`;
  }
  if (type === "object") return Object.keys(properties).length === 0 ? "object" : objectType(properties, required);
  if (type === "number" || type === "integer") return "number";
  return type === "boolean" ? "boolean" : "any";
}

function objectType(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[]): string {
  const lines = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? "" : "?"}: \n                ${typeOf(schema)}`,
  );
  return `{\n${lines.join(", ")}}`;
}

function arrayType({ items, nullable }: JsonSchema): string {
  const orNull = nullable ? " | null" : "";
  if (items === undefined || Object.keys(items).length === 0) return `any[]${orNull}`;
  if (items.type === "string") return `string[]${orNull}`;
  const inner = typeOf(items);
  return `${inner.length > LONGEST_ITEM ? "any" : inner}[]${orNull}`;
}

function variantType(variant: JsonSchema): string {
  const description = variant.description ? `// ${variant.description}` : "";
  const value = variant.default === undefined ? "" : `                    // default: ${spacedJson(variant.default)}`;
  return typeOf(variant) + description + value;
}

function choiceText(choice: unknown): string {
  return typeof choice === "string" || typeof choice === "number" ? `"${choice}"` : spacedJson(choice);
}

/** A value as the template joins it to a text. */
function plainText(value: unknown): string {
  return typeof value === "string" ? value : spacedJson(value);
}

/** JSON as the template writes it: a space after commas and colons. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${spacedJson(inner)}`);
  return `{${entries.join(", ")}}`;
}
