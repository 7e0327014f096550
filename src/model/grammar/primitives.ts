import type { Rules } from "./rules.ts";

/** Space between the parts of JSON: as models write it, and not without end. */
export function whitespace(rules: Rules): string {
  return rules.add("ws", String.raw`| " " | "\n" [ \t]{0,20}`);
}

export function character(rules: Rules): string {
  return rules.add("char", String.raw`[^"\\\x7F\x00-\x1F] | [\\] ( ["\\/bfnrt] | "u" [0-9a-fA-F]{4} )`);
}

export function anyString(rules: Rules): string {
  return rules.add("string", String.raw`"\"" ${character(rules)}* "\""`);
}

/** As many digits as JavaScript writes; a model that writes more would never end. */
const DIGITS = "( [0] | [1-9] [0-9]{0,20} )";
const FRACTION = "( [.] [0-9]{1,25} )? ( [eE] [-+]? [0-9]{1,3} )?";

export function anyNumber(rules: Rules): string {
  return rules.add("number", `"-"? ${DIGITS} ${FRACTION}`);
}

export function positiveNumber(rules: Rules): string {
  return rules.add("positive-number", `${DIGITS} ${FRACTION}`);
}

/** Of as many digits as a double holds exactly. */
export function anyInteger(rules: Rules): string {
  return rules.add("integer", `"-"? ( [0] | [1-9] [0-9]{0,15} )`);
}

export function anyBoolean(rules: Rules): string {
  return rules.add("boolean", `"true" | "false"`);
}

export const NULL = `"null"`;

/** Any value of JSON. */
export function anyValue(rules: Rules): string {
  const [object, array] = [anyObject(rules), anyArray(rules)];
  const scalars = `${anyString(rules)} | ${anyNumber(rules)} | ${anyBoolean(rules)} | ${NULL}`;
  return rules.add("json-value", `${object} | ${array} | ${scalars}`);
}

/** Refers to `json-value`, which `anyValue` writes. */
export function anyObject(rules: Rules): string {
  const ws = whitespace(rules);
  const pair = `${anyString(rules)} ":" ${ws} json-value`;
  return rules.add("object", `"{" ${ws} ( ${pair} ( "," ${ws} ${pair} )* )? ${ws} "}"`);
}

function anyArray(rules: Rules): string {
  const ws = whitespace(rules);
  return rules.add("array", `"[" ${ws} ( json-value ( "," ${ws} json-value )* )? ${ws} "]"`);
}
