import type { JsonSchema } from "./json-schema.ts";
import { anyString, character } from "./primitives.ts";
import { repeated, type Rules } from "./rules.ts";

const QUOTE = String.raw`"\""`;
const HEX = "[0-9a-fA-F]";

const YEAR = "[0-9]{4}";
const LONG_MONTHS = `( "0" [13578] | "1" [02] ) "-" ( "0" [1-9] | [12] [0-9] | "3" [01] )`;
const SHORT_MONTHS = `( "0" [469] | "11" ) "-" ( "0" [1-9] | [12] [0-9] | "30" )`;
const FEBRUARY = `"02-" ( "0" [1-9] | "1" [0-9] | "2" [0-8] )`;
const LEAP_YEAR = `( [0-9]{2} ( "0" [48] | [2468] [048] | [13579] [26] ) | ( [02468] [048] | [13579] [26] ) "00" )`;
const DATE = `( ${YEAR} "-" ( ${LONG_MONTHS} | ${SHORT_MONTHS} | ${FEBRUARY} ) | ${LEAP_YEAR} "-02-29" )`;

const CLOCK = `( [01] [0-9] | "2" [0-3] ) ":" [0-5] [0-9] ":" [0-5] [0-9] ( "." [0-9]{1,6} )?`;
const OFFSET = `( "Z" | [-+] ( [01] [0-9] | "2" [0-3] ) ":" [0-5] [0-9] )`;
const UUID = `${HEX}{8} "-" ${HEX}{4} "-" [1-8] ${HEX}{3} "-" [89abAB] ${HEX}{3} "-" ${HEX}{12}`;

/** A string: by its format where that can be said in a grammar, else by its length. Any pattern is checked afterwards. */
export function stringRule(schema: JsonSchema, rules: Rules): string {
  const format = formatBody(schema);
  if (format !== undefined) return rules.add(schema.format ?? "format", `${QUOTE} ${format} ${QUOTE}`);
  const { minLength = 0, maxLength } = schema;
  if (minLength === 0 && maxLength === undefined) return anyString(rules);
  const body = repeated(character(rules), minLength, maxLength);
  return rules.add(`string-${minLength}-${maxLength ?? "up"}`, `${QUOTE} ${body} ${QUOTE}`);
}

function formatBody({ format, pattern }: JsonSchema): string | undefined {
  if (format === "date") return DATE;
  if (format === "time") return allows(pattern, "12:00:00Z") ? `${CLOCK} ${OFFSET}` : CLOCK;
  // zod's date-time takes no offset unless it is told to; its pattern says so
  const takesOffset = allows(pattern, "2024-01-01T12:00:00+01:00");
  if (format === "date-time") return `${DATE} "T" ${CLOCK} ${takesOffset ? OFFSET : '"Z"'}`;
  return format === "uuid" || format === "guid" ? UUID : undefined;
}

function allows(pattern: string | undefined, sample: string): boolean {
  try {
    return pattern === undefined || new RegExp(pattern, "u").test(sample);
  } catch {
    return true; // a pattern of another dialect says nothing
  }
}
