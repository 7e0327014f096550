import type { JsonSchema, JsonSchemaOrBoolean } from "./json-schema.ts";
import { anyString, whitespace } from "./primitives.ts";
import { jsonLiteral, type Rules } from "./rules.ts";

export type RuleOf = (schema: JsonSchemaOrBoolean, name: string) => string;

/**
 * An object with its properties in the order of the schema; those that are not required may be left out. Others come after them
 * only if the schema says so itself.
 */
export function objectRule(schema: JsonSchema, name: string, rules: Rules, ruleOf: RuleOf): string {
  const ws = whitespace(rules);
  const required = new Set(schema.required);
  const undeclared = [...required].filter((key) => schema.properties?.[key] === undefined);
  const declared = { ...schema.properties, ...Object.fromEntries(undeclared.map((key) => [key, true])) };
  const properties = Object.entries(declared).map(([key, value]) => ({
    isRequired: required.has(key),
    pair: rules.add(`${name}-${key}-pair`, `${jsonLiteral(key)} ":" ${ws} ${ruleOf(value, `${name}-${key}`)}`),
  }));
  const extra = extraPair(schema, name, rules, ruleOf);
  const more = extra === undefined ? "" : `( "," ${ws} ${extra} )*`;

  // what may follow the property before, from the last one backwards
  const tails = [more];
  for (const { isRequired, pair } of properties.toReversed()) {
    const here = `"," ${ws} ${pair}`;
    const body = `${isRequired ? here : `( ${here} )?`} ${tails[0] ?? ""}`.trim();
    tails.unshift(rules.add(`${name}-rest`, body));
  }

  // whichever comes first: any of the optional ones up to the first that is required
  const firstRequired = properties.findIndex(({ isRequired }) => isRequired);
  const beginners = firstRequired < 0 ? properties : properties.slice(0, firstRequired + 1);
  const starts = beginners.map(({ pair }, position) => `${pair} ${tails[position + 1] ?? ""}`.trim());
  if (firstRequired < 0 && extra !== undefined) starts.push(`${extra} ${more}`);
  const inside = starts.length === 0 ? "" : `( ${starts.join(" | ")} )${firstRequired < 0 ? "?" : ""}`;
  return rules.add(name, `"{" ${ws} ${inside} ${ws} "}"`);
}

function extraPair(schema: JsonSchema, name: string, rules: Rules, ruleOf: RuleOf): string | undefined {
  const { additionalProperties: extra, propertyNames } = schema;
  const isOpen = schema.properties === undefined && extra === undefined;
  if (extra === false || (extra === undefined && !isOpen)) return undefined;
  const key = propertyNames === undefined ? anyString(rules) : ruleOf(keySchema(propertyNames), `${name}-key`);
  return rules.add(`${name}-extra`, `${key} ":" ${whitespace(rules)} ${ruleOf(extra ?? true, `${name}-value`)}`);
}

function keySchema(names: JsonSchemaOrBoolean): JsonSchemaOrBoolean {
  return typeof names === "boolean" ? { type: "string" } : { type: "string", ...names };
}
