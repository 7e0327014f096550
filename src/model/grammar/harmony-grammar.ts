import type { JsonSchemaOrBoolean } from "./json-schema.ts";
import { alternatives, literal, Rules } from "./rules.ts";
import { schemaRules } from "./schema-rules.ts";

/** What a completion must be. At least one of the two is allowed. */
export interface HarmonyShape {
  /** Schema of the answer; without it there can be none. */
  readonly answer?: JsonSchemaOrBoolean | undefined;
  /** The tools that may be called, by name, with the schemas of their arguments. */
  readonly calls?: readonly { readonly name: string; readonly parameters: JsonSchemaOrBoolean }[];
}

/** Any token but the one that ends a message, so that thinking may hold every character. */
const THOUGHTS = "!<|end|>*";
const NEXT_MESSAGE = "<|end|><|start|>assistant";

/**
 * The grammar of a whole completion in harmony, from behind `<|start|>assistant`: the model thinks if it wants to, and then answers or
 * calls as the schemas demand.
 */
export function harmonyGrammar({ answer, calls = [] }: HarmonyShape): string {
  const rules = new Rules();
  rules.reserve("root");
  const thinking = rules.add("thinking", message("<|channel|>analysis<|message|>"));
  const endings = calls.map(({ name, parameters }) =>
    callRule(name, schemaRules(parameters, rules, `arguments-${name}`), rules),
  );
  if (answer !== undefined) {
    const content = schemaRules(answer, rules);
    endings.push(rules.add("final", `"<|channel|>final" ${CONTENT_TYPE}? "<|message|>" ${content}`));
  }
  // a word to the user may come before a call, and not before an answer
  const preamble = calls.length === 0 ? "" : `${rules.add("preamble", message("<|channel|>commentary<|message|>"))}? `;
  rules.define("root", `${thinking}? ${preamble}${alternatives(endings)}`);
  return rules.toString();
}

const CONTENT_TYPE = `( " "? "<|constrain|>json" | " json" )`;

function message(header: string): string {
  return `${literal(header)} ${THOUGHTS} ${literal(NEXT_MESSAGE)}`;
}

/** The recipient stands before the channel or behind it: the model was trained on both. */
function callRule(name: string, content: string, rules: Rules): string {
  const recipient = ` to=functions.${name}`;
  const header = `( ${literal(`<|channel|>commentary${recipient}`)} | ${literal(`${recipient}<|channel|>commentary`)} )`;
  return rules.add(`call-${name}`, `${header} ${CONTENT_TYPE}? "<|message|>" ${content}`);
}
