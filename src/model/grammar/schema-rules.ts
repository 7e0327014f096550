import { arrayRule } from "./arrays.ts";
import { type JsonSchema, type JsonSchemaOrBoolean, mergeSchemas, resolveReference } from "./json-schema.ts";
import { integerRule, numberRule } from "./numbers.ts";
import { objectRule } from "./objects.ts";
import { anyBoolean, anyObject, anyValue, NULL } from "./primitives.ts";
import { alternatives, jsonLiteral, type Rules } from "./rules.ts";
import { stringRule } from "./strings.ts";

/**
 * Writes the rules for JSON that a schema allows, and gives the expression that stands for it. What a grammar can't say (patterns,
 * most bounds of fractions, uniqueness) is allowed too; everything that is written is JSON.
 */
export function schemaRules(root: JsonSchemaOrBoolean, rules: Rules, name = "answer"): string {
  const references = new Map<string, string>();

  function ruleOf(schema: JsonSchemaOrBoolean, wish: string): string {
    if (typeof schema === "boolean") return anyValue(rules);
    if (schema.$ref !== undefined) return referenceRule(schema.$ref);
    if ("const" in schema) return jsonLiteral(schema.const);
    if (schema.enum !== undefined) return alternatives(schema.enum.map(jsonLiteral));
    const variants = schema.anyOf ?? schema.oneOf;
    if (variants !== undefined)
      return alternatives(variants.map((variant, number) => ruleOf(joined(schema, variant), `${wish}-${number}`)));
    if (schema.allOf !== undefined) return ruleOf(allOf(schema), wish);
    const choices = typesOf(schema).map((type) => typeRule(type, schema, wish));
    return alternatives(schema.nullable === true ? [...choices, NULL] : choices);
  }

  function referenceRule(reference: string): string {
    const known = references.get(reference);
    if (known !== undefined) return known;
    const target = resolveReference(reference, root);
    if (target === undefined) return anyValue(rules);
    const rule = rules.reserve(`${name}-${reference.split("/").at(-1) ?? ""}`);
    references.set(reference, rule);
    rules.define(rule, ruleOf(target, `${rule}-body`));
    return rule;
  }

  /** A variant together with what its parent demands of all. */
  function joined(
    { anyOf: _any, oneOf: _one, ...parent }: JsonSchema,
    variant: JsonSchemaOrBoolean,
  ): JsonSchemaOrBoolean {
    const isBare = parent.properties === undefined && parent.required === undefined;
    if (typeof variant === "boolean" || isBare) return variant;
    return mergeSchemas([parent, dereferenced(variant)]);
  }

  function allOf({ allOf: parts = [], ...parent }: JsonSchema): JsonSchema {
    return mergeSchemas([parent, ...parts.filter((part) => typeof part !== "boolean").map(dereferenced)]);
  }

  function dereferenced(schema: JsonSchema): JsonSchema {
    const found = schema.$ref === undefined ? schema : resolveReference(schema.$ref, root);
    return typeof found === "object" ? found : schema;
  }

  function typeRule(type: string, schema: JsonSchema, wish: string): string {
    switch (type) {
      case "object":
        return isOpenObject(schema) ? openObject() : objectRule(schema, wish, rules, ruleOf);
      case "array":
        return arrayRule(schema, wish, rules, ruleOf);
      case "string":
        return stringRule(schema, rules);
      case "integer":
        return integerRule(schema, rules);
      case "number":
        return numberRule(schema, rules);
      case "boolean":
        return anyBoolean(rules);
      case "null":
        return NULL;
      default:
        return anyValue(rules);
    }
  }

  function openObject(): string {
    anyValue(rules); // which the rule for any object refers to
    return anyObject(rules);
  }

  return ruleOf(root, name);
}

function isOpenObject({ properties, required, additionalProperties, propertyNames }: JsonSchema): boolean {
  const isOpen = additionalProperties === undefined || additionalProperties === true;
  return properties === undefined && required === undefined && propertyNames === undefined && isOpen;
}

/** The types that a schema names, or that its keywords imply. */
function typesOf({
  type,
  properties,
  required,
  additionalProperties,
  items,
  prefixItems,
  ...rest
}: JsonSchema): readonly string[] {
  if (typeof type === "string") return [type];
  if (type !== undefined) return type;
  if (properties ?? required ?? additionalProperties) return ["object"];
  if (items ?? prefixItems) return ["array"];
  return rest.format !== undefined || rest.minLength !== undefined || rest.maxLength !== undefined
    ? ["string"]
    : ["any"];
}
