import { errorDetail } from "../../i18n/error-messages.ts";
import { TOKENS } from "../../harmony/format.ts";
import { NAMESPACE } from "../../harmony/offered-tools.ts";
import { sanitizeControlTokens } from "../../harmony/sanitize.ts";
import type { ResumePoint } from "../inference-request.ts";
import { type JsonSchema, type SchemaDocument, badSchema, type SchemaSubject } from "../schema/schema.ts";
import { TooManyAlternatives } from "./alternatives.ts";
import {
  choice,
  EMPTY,
  type Expression,
  literal,
  NOTHING,
  optional,
  repeated,
  Rules,
  sequence,
  token,
} from "./rules.ts";
import { SchemaGrammar } from "./schema-grammar.ts";
import { anyObject, bodyRule } from "./primitives.ts";

/** A schema that has been read, and what it is called in an error. */
export interface NamedDocument {
  readonly document: SchemaDocument;
  readonly subject: SchemaSubject;
}

/** What a completion must be. At least one of `answer` and `calls` is given. */
export interface HarmonyShape {
  /** The schema of the answer, or "text" for an answer in any form; without it there can be none. */
  readonly answer?: NamedDocument | "text" | undefined;
  /** The tools that may be called, by name, with the schemas of their arguments. */
  readonly calls?: readonly NamedCall[];
  /** Whether one completion may hold several calls. */
  readonly severalCalls?: boolean | undefined;
  /** The text that the prompt ends with, when it ends inside an analysis, a preamble or an answer. */
  readonly resumeFrom?: Pick<ResumePoint, "channel" | "text"> | undefined;
}

export interface NamedCall extends NamedDocument {
  readonly name: string;
  /** Of one of gpt-oss's own tools, which is called on the analysis channel. */
  readonly recipient?: string | undefined;
  /** The tool takes any text, as `python` takes code. */
  readonly takesText?: boolean | undefined;
}

/**
 * The grammar of a whole completion in harmony, from behind `<|start|>assistant`: the model may think, and then answers or calls as the
 * schemas demand. Control tokens are tokens here, never characters, and text holds none of their names: where both ways could continue,
 * llama-server loses its place and answers HTTP 500.
 *
 * @returns undefined when the prompt ends inside an answer that has to fit a schema: no grammar can say what its rest may be
 * @throws GptOssError `usage` for a schema that nothing fits, unless the model can do without it
 */
export function harmonyGrammar(shape: HarmonyShape): string | undefined {
  const { answer, calls = [], resumeFrom } = shape;
  const rules = new Rules();
  rules.reserve("root");
  if (resumeFrom?.channel === "final") {
    if (answer !== "text") return undefined;
    rules.define("root", bodyRule(rules, resumeFrom.text));
    return rules.toString();
  }
  const argumentsRule = answer === undefined ? documentRule : lenientRule;
  const functions = calls.filter(({ recipient }) => recipient === undefined);
  const callRules = functions.map((call) => callRule(call, argumentsRule, rules));
  const nativeRules = calls.flatMap((call) => nativeCallRule(call, argumentsRule, rules));
  const endings = [callsRule(callRules, nativeRules, shape, rules), answerRule(answer, rules)];
  const turn = sequence(betweenRule(shape, rules), choice(endings));
  if (resumeFrom === undefined) rules.define("root", turn);
  else rules.define("root", sequence(bodyRule(rules, resumeFrom.text), NEXT_MESSAGE, rules.add("turn", turn)));
  return rules.toString();
}

const NEXT_MESSAGE = sequence(token(TOKENS.end), token(TOKENS.start), literal("assistant"));

/** What may precede the calls or the answer. */
function betweenRule({ answer, calls = [] }: HarmonyShape, rules: Rules): Expression {
  const thinking = rules.add("thinking", otherMessage("analysis", rules));
  // a preamble may come before a call, and not before an answer in a form of its own
  const mayPreface = calls.length > 0 || answer === "text";
  const preamble = mayPreface ? rules.add("preamble", otherMessage("commentary", rules)) : EMPTY;
  if (answer === "text") return repeated(rules.add("step", choice([thinking, preamble])), 0, undefined);
  // a model that is held to a form, and does not know what to write in it, would think without end
  return sequence(optional(thinking), preamble === EMPTY ? EMPTY : optional(preamble));
}

/** The last message, when it is an answer. */
function answerRule(answer: HarmonyShape["answer"], rules: Rules): Expression {
  if (answer === undefined) return NOTHING;
  const channel = sequence(token(TOKENS.channel), literal("final"));
  const content = answer === "text" ? bodyRule(rules) : documentRule(answer, "answer", rules);
  const header = sequence(channel, ...(answer === "text" ? [] : [optional(CONTENT_TYPE)]), token(TOKENS.message));
  return rules.add("final", sequence(header, content));
}

/** @throws GptOssError `usage` for a schema that nothing fits */
export function assertPossible(named: NamedDocument): void {
  documentRule(named, "answer", new Rules());
}

/** A server would need more than a moment to read more rules than this. */
const MAX_RULES = 30_000;

/** The keyword of a schema that makes it impossible, and where it stands; undefined for the keyword when the schema is too large. */
interface SchemaProblem {
  readonly pointer: string;
  readonly keyword: string | undefined;
}

/** @throws GptOssError `usage` for a schema that nothing fits, or that is too large */
function documentRule(named: NamedDocument, wish: string, rules: Rules, isArguments = false): Expression {
  const made = tryDocumentRule(named, wish, rules, isArguments);
  if ("kind" in made) return made;
  const { pointer, keyword } = made;
  const why = keyword === undefined ? errorDetail("schemaTooLarge") : errorDetail("schemaImpossible", keyword);
  throw badSchema(named.subject, pointer, why);
}

/**
 * The same where the model need not call the tool: one that can't be called is left out, and arguments whose schema is too large may be
 * any object, which is checked afterwards.
 */
function lenientRule(named: NamedDocument, wish: string, rules: Rules): Expression {
  const made = tryDocumentRule(named, wish, rules, true);
  if ("kind" in made) return made;
  return made.keyword === undefined ? anyObject(rules) : NOTHING;
}

function tryDocumentRule(
  { document }: NamedDocument,
  wish: string,
  rules: Rules,
  isArguments: boolean,
): Expression | SchemaProblem {
  const grammar = new SchemaGrammar(document, rules);
  const content = rootRuleOf(grammar, wish, isArguments);
  if (content === undefined || rules.size > MAX_RULES) return { pointer: "#", keyword: undefined };
  const rule = rules.add(wish, content);
  if (rule.kind === "rule" && rules.isPossible(rule.name)) return rule;
  const [impossible] = grammar.impossibilities;
  const pointer = impossible?.schema === undefined ? undefined : document.pointers.get(impossible.schema);
  return { pointer: pointer ?? "#", keyword: impossible?.keyword ?? requiringKeyword(document.root) };
}

/** Keywords that ask for a part, which may be one that nothing fits. */
const REQUIRING = ["required", "minProperties", "minItems", "prefixItems", "contains"] as const;

/** The keyword to name when a schema excludes everything only as a whole: by parts that it requires, or by parts that require it. */
function requiringKeyword(schema: JsonSchema): string {
  return (typeof schema === "object" && REQUIRING.find((keyword) => schema[keyword] !== undefined)) || "$ref";
}

/** Undefined for a schema that is too large. */
function rootRuleOf(grammar: SchemaGrammar, wish: string, isArguments: boolean): Expression | undefined {
  try {
    return isArguments ? grammar.objectRule(wish) : grammar.rootRule(wish);
  } catch (error) {
    if (error instanceof TooManyAlternatives) return undefined;
    throw error;
  }
}

const CONTENT_TYPE = choice([
  sequence(optional(literal(" ")), token(TOKENS.constrain), literal("json")),
  literal(" json"),
]);
/** The model writes `code` too, behind the recipient of a call on the analysis channel. */
const CALL_CONTENT_TYPE = choice([CONTENT_TYPE, literal(" code")]);
const CALL_CHANNEL = sequence(token(TOKENS.channel), choice([literal("commentary"), literal("analysis")]));

function otherMessage(channel: string, rules: Rules): Expression {
  const header = sequence(token(TOKENS.channel), literal(channel), token(TOKENS.message));
  return sequence(header, bodyRule(rules), NEXT_MESSAGE);
}

interface CallRule {
  /** With the recipient behind the channel. */
  readonly behind: Expression;
  /** With the recipient before it. */
  readonly before: Expression;
}

type ArgumentsRule = (named: NamedDocument, wish: string, rules: Rules, isArguments: boolean) => Expression;

const ANALYSIS = sequence(token(TOKENS.channel), literal("analysis"));

/** A whole call of one of gpt-oss's own tools; nothing for a function. */
function nativeCallRule(call: NamedCall, argumentsRule: ArgumentsRule, rules: Rules): Expression[] {
  if (call.recipient === undefined) return [];
  const content = call.takesText ? bodyRule(rules) : argumentsRule(call, `arguments-${call.name}`, rules, true);
  if (content === NOTHING) return [];
  const recipient = literal(` to=${sanitizeControlTokens(call.recipient)}`);
  const rest = rules.add(
    `call-${call.name}`,
    sequence(optional(rules.add("content-type", CALL_CONTENT_TYPE)), token(TOKENS.message), content),
  );
  return [sequence(ANALYSIS, recipient, rest), sequence(recipient, ANALYSIS, rest)];
}

/** From the tool's name on. The recipient stands before the channel or behind it: the model was trained on both. */
function callRule(call: NamedCall, argumentsRule: ArgumentsRule, rules: Rules): CallRule {
  const content = argumentsRule(call, `arguments-${call.name}`, rules, true);
  if (content === NOTHING) return { behind: NOTHING, before: NOTHING };
  // the model knows the tool by this name
  const name = literal(sanitizeControlTokens(call.name));
  const rest = rules.add(
    `call-${call.name}`,
    sequence(optional(rules.add("content-type", CALL_CONTENT_TYPE)), token(TOKENS.message), content),
  );
  return { behind: sequence(name, rest), before: sequence(name, rules.add("call-channel", CALL_CHANNEL), rest) };
}

/** One call, or several: a model that writes a further call closes the one before with `<|end|>`. */
function callsRule(
  calls: readonly CallRule[],
  natives: readonly Expression[],
  { severalCalls }: HarmonyShape,
  rules: Rules,
): Expression {
  const behind = choice(calls.map((call) => call.behind));
  const before = choice(calls.map((call) => call.before));
  const hasFunctions = calls.some((call) => call.behind !== NOTHING);
  if (!hasFunctions && natives.length === 0) return NOTHING;
  const recipient = literal(` to=${NAMESPACE}`);
  const functions = hasFunctions
    ? [sequence(rules.add("call-channel", CALL_CHANNEL), recipient, behind), sequence(recipient, before)]
    : [];
  const call = rules.add("call", choice([...functions, ...natives]));
  if (severalCalls !== true) return call;
  return rules.add("calls", sequence(call, repeated(sequence(NEXT_MESSAGE, call), 0, undefined)));
}
