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
