import { reason } from "../../i18n/error-messages.ts";
import { TOKENS } from "../../harmony/format.ts";
import { type JsonSchema, type SchemaDocument, badSchema, type SchemaSubject } from "../schema/schema.ts";
import { TooManyAlternatives } from "./alternatives.ts";
import { choice, type Expression, literal, optional, Rules, sequence, token } from "./rules.ts";
import { SchemaGrammar } from "./schema-grammar.ts";
import { bodyRule } from "./primitives.ts";

/** A schema that has been read, and what it is called in an error. */
export interface NamedDocument {
  readonly document: SchemaDocument;
  readonly subject: SchemaSubject;
}

/** What a completion must be. At least one of the two is given. */
export interface HarmonyShape {
  /** The schema of the answer; without it there can be none. */
  readonly answer?: NamedDocument | undefined;
  /** The tools that may be called, by name, with the schemas of their arguments. */
  readonly calls?: readonly (NamedDocument & { readonly name: string })[];
}

/**
 * The grammar of a whole completion in harmony, from behind `<|start|>assistant`: the model may think, and then answers or calls as the
 * schemas demand. Control tokens are tokens here, never characters, and text holds none of their names: where both ways could go on,
 * llama-server loses its place and answers HTTP 500.
 * @throws GptOssError `usage` for a schema that nothing fits
 */
export function harmonyGrammar({ answer, calls = [] }: HarmonyShape): string {
  const rules = new Rules();
  rules.reserve("root");
  const thinking = rules.add("thinking", otherMessage("analysis", rules));
  const endings = calls.map((call) => callRule(call.name, documentRule(call, `arguments-${call.name}`, rules), rules));
  if (answer !== undefined) {
    const header = sequence(token(TOKENS.channel), literal("final"), optional(CONTENT_TYPE), token(TOKENS.message));
    endings.push(rules.add("final", sequence(header, documentRule(answer, "answer", rules))));
  }
  // a word to the user may come before a call, and not before an answer
  const preamble = calls.length === 0 ? [] : [optional(rules.add("preamble", otherMessage("commentary", rules)))];
  rules.define("root", sequence(optional(thinking), ...preamble, choice(endings)));
  return rules.toString();
}

/** @throws GptOssError `usage` for a schema that nothing fits */
export function assertPossible(named: NamedDocument): void {
  documentRule(named, "answer", new Rules());
}

/** More rules than this are no grammar that a server reads in a moment. */
const MAX_RULES = 30_000;

function documentRule({ document, subject }: NamedDocument, wish: string, rules: Rules): Expression {
  const grammar = new SchemaGrammar(document, rules);
  const rule = rules.add(wish, rootRuleOf(grammar, wish, subject));
  if (rules.size > MAX_RULES) throw badSchema(subject, "#", reason("schemaTooLarge"));
  if (rule.kind === "rule" && rules.isPossible(rule.name)) return rule;
  const [impossible] = grammar.impossibilities;
  const pointer = impossible?.schema === undefined ? undefined : document.pointers.get(impossible.schema);
  throw badSchema(
    subject,
    pointer ?? "#",
    reason("schemaImpossible", impossible?.keyword ?? requiringKeyword(document.root)),
  );
}

/** Keywords that ask for a part, which may be one that nothing fits. */
const REQUIRING = ["required", "minProperties", "minItems", "prefixItems", "contains"] as const;

/** The keyword to name when a schema excludes everything only as a whole: by parts that it requires, or by parts that require it. */
function requiringKeyword(schema: JsonSchema): string {
  return (typeof schema === "object" && REQUIRING.find((keyword) => schema[keyword] !== undefined)) || "$ref";
}

function rootRuleOf(grammar: SchemaGrammar, wish: string, subject: SchemaSubject): Expression {
  try {
    return grammar.rootRule(wish);
  } catch (error) {
    if (error instanceof TooManyAlternatives) throw badSchema(subject, "#", reason("schemaTooLarge"));
    throw error;
  }
}

const CONTENT_TYPE = choice([
  sequence(optional(literal(" ")), token(TOKENS.constrain), literal("json")),
  literal(" json"),
]);

function otherMessage(channel: string, rules: Rules): Expression {
  const header = sequence(token(TOKENS.channel), literal(channel), token(TOKENS.message));
  return sequence(header, bodyRule(rules), token(TOKENS.end), token(TOKENS.start), literal("assistant"));
}

/** The recipient stands before the channel or behind it: the model was trained on both. */
function callRule(name: string, content: Expression, rules: Rules): Expression {
  const recipient = ` to=functions.${name}`;
  const header = choice([
    sequence(token(TOKENS.channel), literal(`commentary${recipient}`)),
    sequence(literal(recipient), token(TOKENS.channel), literal("commentary")),
  ]);
  return rules.add(`call-${name}`, sequence(header, optional(CONTENT_TYPE), token(TOKENS.message), content));
}
