import type { JsonSchema } from "../json-schema/schema.ts";
import type { Conjunction } from "./alternatives.ts";
import { comma, enclosed, listOf } from "./primitives.ts";
import { choice, EMPTY, type Expression, NOTHING, optional, repeated, sequence } from "./rules.ts";
import type { PartRules } from "./objects.ts";

/** An array: the places of a tuple first, then items from `minItems` to `maxItems`. */
export function arrayRule(schemas: Conjunction, wish: string, parts: PartRules): Expression {
  const { rules, ruleOf } = parts;
  const size = sizeOf(schemas);
  if (size.least > (size.most ?? Infinity)) return NOTHING;
  const places = placesOf(schemas, size.most).map((place, number) => ruleOf(place, `${wish}-${number}`));
  const rest = restOf(schemas);
  const hasRest = rest !== undefined && size.most !== places.length;
  const item = hasRest ? rules.add(`${wish}-item`, ruleOf(rest, `${wish}-item`)) : undefined;
  const needle = item === undefined || places.length > 0 ? undefined : needleOf(schemas, rest ?? [], size);
  const inside =
    needle !== undefined && item !== undefined
      ? withNeedle(item, ruleOf(needle, `${wish}-needle`), wish, parts)
      : places.length === 0 && item !== undefined
        ? listOf(item, size.least, size.most, wish, rules)
        : tupleOf(places, item, size, wish, parts);
  return enclosed("[", inside, rules);
}

interface Size {
  readonly least: number;
  readonly most: number | undefined;
}

/** A tuple is written whole unless `minItems` says how much of it is enough. */
function sizeOf(schemas: Conjunction): Size {
  const most = Math.min(...schemas.map(({ maxItems }) => maxItems ?? Infinity));
  const given = schemas.flatMap(({ minItems }) => (minItems === undefined ? [] : [minItems]));
  const places = Math.max(0, ...schemas.map(({ prefixItems = [] }) => prefixItems.length));
  const contained = schemas.map(({ contains, minContains = 1 }) => (contains === undefined ? 0 : minContains));
  const least = Math.max(0, ...contained, ...(given.length > 0 ? given : [Math.min(places, most)]));
  return { least, most: most === Infinity ? undefined : most };
}

/** For each place of a tuple, the schemas that hold there. */
function placesOf(schemas: Conjunction, most: number | undefined): readonly (readonly JsonSchema[])[] {
  const length = Math.max(0, ...schemas.map(({ prefixItems = [] }) => prefixItems.length));
  return Array.from({ length: Math.min(length, most ?? length) }, (_, place) =>
    schemas.map(({ prefixItems = [], items = true }) => prefixItems[place] ?? items),
  );
}

/** The schemas of further items; a tuple has some only if its schema says so itself. */
function restOf(schemas: Conjunction): readonly JsonSchema[] | undefined {
  const isTuple = schemas.some(({ prefixItems }) => prefixItems !== undefined);
  const given = schemas.map(({ items, unevaluatedItems }) => items ?? unevaluatedItems);
  if (isTuple && given.every((rest) => rest === undefined)) return undefined;
  return given.map((rest) => rest ?? true);
}

function tupleOf(
  places: readonly Expression[],
  item: Expression | undefined,
  { least, most }: Size,
  wish: string,
  { rules }: PartRules,
): Expression {
  const [fewest, largest] = [Math.max(least - places.length, 0), most === undefined ? undefined : most - places.length];
  if (item === undefined && fewest > 0) return NOTHING;
  const more = item === undefined ? EMPTY : rules.add(`${wish}-more`, sequence(comma(rules), item));
  let rest = item === undefined ? EMPTY : repeated(more, fewest, largest);
  for (const [place, expression] of [...places.entries()].toReversed()) {
    const entry = sequence(...(place > 0 ? [comma(rules)] : []), expression, rest);
    // what follows a place that is left out is left out too
    rest = place < least ? entry : optional(rules.add(`${wish}-from-${place}`, entry));
  }
  return rest;
}

/** The schemas of the one item that `contains` asks for, where nothing else is counted. */
function needleOf(
  schemas: Conjunction,
  rest: readonly JsonSchema[],
  { least, most }: Size,
): readonly JsonSchema[] | undefined {
  const searching = schemas.filter(({ contains }) => contains !== undefined);
  const [only] = searching;
  const isSimple = searching.length === 1 && (only?.minContains ?? 1) === 1 && only?.maxContains === undefined;
  if (!isSimple || only?.contains === undefined || least > 1 || most !== undefined) return undefined;
  return [...rest, only.contains];
}

function withNeedle(item: Expression, needle: Expression, wish: string, { rules }: PartRules): Expression {
  const before = rules.add(`${wish}-before`, sequence(item, comma(rules)));
  const after = rules.add(`${wish}-more`, sequence(comma(rules), item));
  return sequence(repeated(before, 0, undefined), choice([needle]), repeated(after, 0, undefined));
}
