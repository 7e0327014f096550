import { type Automaton, complement, intersect, isEmpty } from "../automaton/automaton.ts";
import { patternAutomaton, unlessUnsupported, wordsAutomaton } from "../automaton/pattern-automaton.ts";
import { patternMatcher } from "../schema/patterns.ts";
import type { JsonSchema, SchemaObject } from "../schema/schema.ts";
import type { Conjunction } from "./alternatives.ts";
import {
  comma,
  enclosed,
  jsonLiteral,
  listOf,
  pairOf,
  anyString,
  nameRule,
  stringLanguage,
  type StringLimits,
} from "./primitives.ts";
import { choice, EMPTY, type Expression, NOTHING, repeated, type Rules, sequence, optional } from "./rules.ts";

/** What objects and arrays need for their parts. */
export interface PartRules {
  readonly rules: Rules;
  /** The rule of a value for which all of these schemas hold. */
  readonly ruleOf: (schemas: readonly JsonSchema[], wish: string) => Expression;
  /** Whether a property may have a name. */
  readonly acceptsName: (schemas: readonly JsonSchema[], name: string) => boolean;
  /** What strings a schema allows, for names; undefined for any. */
  readonly stringLimitsOf: (schema: JsonSchema) => readonly StringLimits[] | undefined;
  /** The values that a schema lists, if it lists any. */
  readonly valuesOf: (schema: JsonSchema) => readonly unknown[] | undefined;
}

/** Every subset of the patterns of an object is a kind of name of its own. */
const MAX_PATTERNS = 4;
/** Beyond this, the number of properties is left to the check afterwards. */
const MAX_COUNTED_STATES = 4_000;

/**
 * An object with its properties in the order of the schema; those that are not required may be left out. Others come after them, and
 * only if the schema says so itself.
 */
export function objectRule(schemas: Conjunction, wish: string, parts: PartRules): Expression {
  const { rules, ruleOf } = parts;
  const required = new Set(schemas.flatMap((schema) => schema.required ?? []));
  const names = declaredNames(schemas, parts);
  const entries = names.map((name) => ({
    isRequired: required.has(name),
    pair: rules.add(
      `${wish}-${name}-pair`,
      pairOf(jsonLiteral(name), ruleOf(schemasOfName(name, schemas, parts), `${wish}-${name}`), rules),
    ),
  }));
  const kinds = nameKinds(names, schemas, parts).map(({ name, values }) =>
    pairOf(name, ruleOf(values, `${wish}-value`), rules),
  );
  const extra = kinds.length === 0 ? undefined : rules.add(`${wish}-extra`, choice(kinds));
  return enclosed("{", propertyList(entries, extra, countsOf(schemas, entries.length), wish, parts), rules);
}

interface Entry {
  readonly isRequired: boolean;
  readonly pair: Expression;
}

interface Counts {
  readonly least: number;
  readonly most: number | undefined;
}

function countsOf(schemas: Conjunction, entries: number): Counts {
  const least = Math.max(0, ...schemas.map(({ minProperties }) => minProperties ?? 0));
  const most = Math.min(...schemas.map(({ maxProperties }) => maxProperties ?? Infinity));
  const largest = most === Infinity ? least : most;
  if (largest * entries > MAX_COUNTED_STATES) return { least: 0, most: undefined };
  return { least, most: most === Infinity ? undefined : most };
}

/** The entries in their order, then others; how many there are is counted as far as it matters. */
function propertyList(
  entries: readonly Entry[],
  extra: Expression | undefined,
  { least, most }: Counts,
  wish: string,
  { rules }: PartRules,
): Expression {
  const enough = most ?? Math.max(least, 1);
  const more = extra === undefined ? NOTHING : rules.add(`${wish}-more`, sequence(comma(rules), extra));
  const others = (count: number): Expression => {
    const [fewest, largest] = [Math.max(least - count, 0), most === undefined ? undefined : most - count];
    if (extra === undefined) return fewest > 0 ? NOTHING : EMPTY;
    return count > 0 ? repeated(more, fewest, largest) : listOf(extra, fewest, largest, wish, rules);
  };
  let rest = Array.from({ length: enough + 1 }, (_, count) => others(count));
  for (const { isRequired, pair } of entries.toReversed()) {
    const following = rest;
    rest = following.map((skipped, count) => {
      const isFull = most !== undefined && count >= most;
      const next = following[Math.min(count + 1, enough)] ?? NOTHING;
      const entry = isFull ? NOTHING : sequence(...(count > 0 ? [comma(rules)] : []), pair, next);
      return rules.add(`${wish}-rest`, isRequired ? entry : choice([entry, skipped]));
    });
  }
  return rest[0] ?? EMPTY;
}

/** Names that the schemas know beforehand: described, required, or all that `propertyNames` allows. */
function declaredNames(schemas: Conjunction, { valuesOf }: PartRules): readonly string[] {
  const described = schemas.flatMap(({ properties = {} }) => Object.keys(properties));
  const listed = schemas.flatMap(({ propertyNames }) =>
    propertyNames === undefined ? [] : (valuesOf(propertyNames) ?? []),
  );
  const isClosed = schemas.every((schema) => !allowsOthers(schema));
  const free = described.length > 0 && isClosed ? [] : listed.filter((name) => typeof name === "string");
  return [...new Set([...described, ...schemas.flatMap(({ required = [] }) => required), ...free])];
}

function allowsOthers({ additionalProperties, unevaluatedProperties, patternProperties }: SchemaObject): boolean {
  return (
    patternProperties !== undefined ||
    [additionalProperties, unevaluatedProperties].some((schema) => schema !== undefined && schema !== false)
  );
}

/** All that holds for the value of one property. */
function schemasOfName(name: string, schemas: Conjunction, { acceptsName }: PartRules): readonly JsonSchema[] {
  const names = schemas.flatMap(({ propertyNames }) => (propertyNames === undefined ? [] : [propertyNames]));
  if (names.length > 0 && !acceptsName(names, name)) return [false];
  return schemas.flatMap(({ properties = {}, patternProperties = {}, additionalProperties = true }) => {
    const own = Object.hasOwn(properties, name) ? [properties[name] ?? true] : [];
    const matching = Object.entries(patternProperties)
      .filter(([pattern]) => patternMatcher(pattern).test(name))
      .map(([, schema]) => schema);
    const found = [...own, ...matching];
    return found.length > 0 ? found : [additionalProperties];
  });
}

interface NameKind {
  readonly name: Expression;
  readonly values: readonly JsonSchema[];
}

/** The kinds of names that no schema lists: by which patterns they match. */
function nameKinds(declared: readonly string[], schemas: Conjunction, parts: PartRules): readonly NameKind[] {
  const { rules, valuesOf } = parts;
  const patterns = [...new Set(schemas.flatMap(({ patternProperties = {} }) => Object.keys(patternProperties)))];
  const isOpen = schemas.every(
    ({ properties = {}, additionalProperties }) =>
      additionalProperties === undefined && Object.values(properties).every((schema) => schema === false),
  );
  const isGiven = schemas.some(
    ({ additionalProperties, unevaluatedProperties }) => (additionalProperties ?? unevaluatedProperties) !== undefined,
  );
  const isListed = schemas.some(
    ({ propertyNames }) => propertyNames !== undefined && valuesOf(propertyNames) !== undefined,
  );
  if (isListed) return [];
  const others = isGiven || (isOpen && patterns.length === 0) ? [[]] : [];
  const languages = patterns.map(patternAutomaton);
  const known = languages.filter((language) => language !== undefined);
  if (known.length < patterns.length || patterns.length > MAX_PATTERNS) return [{ name: anyString(rules), values: [] }];
  const allowed = [
    ...namesAllowed(schemas, parts),
    ...(declared.length === 0 ? [] : [complement(wordsAutomaton(declared))]),
  ];
  const matched = subsetsOf(patterns).filter((subset) => subset.length > 0);
  return [...matched, ...others].flatMap((subset): NameKind[] => {
    const values = schemas.flatMap((schema) => schemasOfKind(schema, subset));
    if (values.includes(false)) return [];
    const own = known.map((language, index) =>
      subset.includes(patterns[index] ?? "") ? language : complement(language),
    );
    const all = [...own, ...allowed];
    if (all.length === 0) return [{ name: anyString(rules), values }];
    const language = unlessUnsupported(() => all.reduce(intersect));
    if (language === undefined) return [{ name: anyString(rules), values }];
    return isEmpty(language) ? [] : [{ name: nameRule(language, "name", rules), values }];
  });
}

function schemasOfKind(schema: SchemaObject, matched: readonly string[]): readonly JsonSchema[] {
  const { patternProperties = {}, additionalProperties, unevaluatedProperties = true } = schema;
  const found = Object.entries(patternProperties)
    .filter(([pattern]) => matched.includes(pattern))
    .map(([, inner]) => inner);
  return found.length > 0 ? found : [additionalProperties ?? (matched.length > 0 ? true : unevaluatedProperties)];
}

function namesAllowed(schemas: Conjunction, { stringLimitsOf }: PartRules): readonly Automaton[] {
  return schemas.flatMap(({ propertyNames }) => {
    const limits = propertyNames === undefined ? undefined : stringLimitsOf(propertyNames);
    const languages = limits?.map(stringLanguage) ?? [];
    if (limits?.length === 0) return [[]]; // no name at all
    const known = languages.filter((language) => language !== undefined);
    if (known.length === 0 || known.length < languages.length) return [];
    // one of several: what is not refused by all
    return [known.length === 1 ? (known[0] ?? []) : complement(known.map(complement).reduce(intersect))];
  });
}

function subsetsOf<Item>(items: readonly Item[]): Item[][] {
  return items.reduce<Item[][]>((subsets, item) => subsets.concat(subsets.map((subset) => [...subset, item])), [[]]);
}

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
