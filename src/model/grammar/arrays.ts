import type { JsonSchema, JsonSchemaOrBoolean } from "./json-schema.ts";
import type { RuleOf } from "./objects.ts";
import { whitespace } from "./primitives.ts";
import { repeated, type Rules } from "./rules.ts";

/** An array: the places of a tuple first, then items from `minItems` to `maxItems`. */
export function arrayRule(schema: JsonSchema, name: string, rules: Rules, ruleOf: RuleOf): string {
  const ws = whitespace(rules);
  const comma = `"," ${ws}`;
  const tuple = (schema.prefixItems ?? tupleOf(schema)).map((place, number) => ruleOf(place, `${name}-${number}`));
  const items = itemsOf(schema, tuple.length > 0);
  const [least, most] = [Math.max((schema.minItems ?? 0) - tuple.length, 0), restOf(schema.maxItems, tuple.length)];
  const item = items === false || most === 0 ? undefined : ruleOf(items, `${name}-item`);
  if (tuple.length > 0) {
    const rest = item === undefined ? "" : repeated(`( ${comma} ${item} )`, least, most);
    return rules.add(name, `"[" ${ws} ${tuple.join(` ${comma} `)} ${rest} ${ws} "]"`);
  }
  if (item === undefined) return rules.add(name, `"[" ${ws} "]"`);
  const several = `${item} ${repeated(`( ${comma} ${item} )`, Math.max(least - 1, 0), restOf(most, 1))}`;
  return rules.add(name, `"[" ${ws} ${least > 0 ? several : `( ${several} )?`} ${ws} "]"`);
}

/** Older drafts write the places of a tuple as a list of `items`. */
function tupleOf({ items }: JsonSchema): readonly JsonSchemaOrBoolean[] {
  return Array.isArray(items) ? (items as readonly JsonSchemaOrBoolean[]) : [];
}

function itemsOf({ items }: JsonSchema, isTuple: boolean): JsonSchemaOrBoolean {
  if (items === undefined || Array.isArray(items)) return !isTuple;
  return items as JsonSchemaOrBoolean;
}

function restOf(most: number | undefined, used: number): number | undefined {
  return most === undefined ? undefined : Math.max(most - used, 0);
}
