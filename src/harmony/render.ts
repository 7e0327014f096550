import { type HarmonyHeader, getHarmonyPurpose, TOKENS } from "./format.ts";
import type { HarmonyTool, JsonSchema } from "./function-schema.ts";
import { type HarmonyNamespace, isInNamespace, renderNamespaces } from "./namespaces.ts";

/**
 * A message of a history: what the parser reads off a completion, and what others say. System and developer messages are
 * instructions. A call's content is its arguments, a tool's content its result as the tool gave it.
 */
export interface HistoryMessage extends HarmonyHeader {
  readonly content: string;
}

/** What a prompt says besides the messages. */
export interface RenderOptions {
  /** Defaults to the identity that the model was trained with. */
  readonly modelIdentity?: string;
  /** YYYY-MM-DD; without it the prompt names no date. */
  readonly currentDate?: string;
  /** low, medium or high. Defaults to medium. */
  readonly reasoningEffort?: string;
  readonly tools?: readonly HarmonyTool[];
  /** gpt-oss's own tools, such as `PYTHON_NAMESPACE`, and others that stand in the system message as they do. */
  readonly namespaces?: readonly HarmonyNamespace[];
  /** An answer that was cut: the prompt ends inside it, and the model continues from there. */
  readonly resumeFrom?: { readonly channel: string; readonly text: string };
  /** Whether the prompt ends in `<|start|>assistant`, so that the model answers. Defaults to true. */
  readonly addGenerationPrompt?: boolean;
}

const IDENTITY = "You are ChatGPT, a large language model trained by OpenAI.";

/**
 * Writes a history as the prompt that gpt-oss reads, byte for byte as prompts/harmony.jinja does on the server. Analysis that an
 * answer has followed is dropped; in an open tool loop it stays. Control tokens in the contents keep their meaning: text that
 * comes from elsewhere goes through `sanitizeControlTokens` first.
 */
export function renderHarmony(messages: readonly HistoryMessage[], options: RenderOptions = {}): string {
  const { tools = [], namespaces = [] } = options;
  const [first] = messages;
  const instructions = first !== undefined && isInstruction(first) ? first.content : "";
  const history = first !== undefined && isInstruction(first) ? messages.slice(1) : messages;
  return [
    systemMessage(options),
    instructions === "" && tools.length === 0 ? "" : developerMessage(instructions, tools),
    ...withoutPastThinking(withCallsOfResults(history, namespaces)).map((message) =>
      renderMessage(message, namespaces),
    ),
    promptEnd(options),
  ].join("");
}

function isInstruction({ role }: HistoryMessage): boolean {
  return role === "system" || role === "developer";
}

function systemMessage(options: RenderOptions): string {
  const { modelIdentity = IDENTITY, currentDate, reasoningEffort = "medium", tools = [], namespaces = [] } = options;
  const lines = [
    modelIdentity,
    "Knowledge cutoff: 2024-06",
    ...(currentDate === undefined ? [] : [`Current date: ${currentDate}`]),
    "",
    `Reasoning: ${reasoningEffort}`,
    "",
    `${renderNamespaces(namespaces, typeOf)}# Valid channels: analysis, commentary, final. Channel must be included for every message.`,
    ...(tools.length === 0 ? [] : ["Calls to these tools must go to the commentary channel: 'functions'."]),
  ];
  return written("system", lines.join("\n"));
}

function developerMessage(instructions: string, tools: readonly HarmonyTool[]): string {
  const words = instructions === "" ? "" : `# Instructions\n\n${instructions}\n\n`;
  return written("developer", words + (tools.length === 0 ? "" : `# Tools\n\n${renderNamespace(tools)}`));
}

/** Thinking is for the answer that it leads to, and for the calls on the way there. */
function withoutPastThinking(messages: readonly HistoryMessage[]): readonly HistoryMessage[] {
  const answerAt = messages.findLastIndex((message) => getHarmonyPurpose(message) === "final");
  return messages.filter((message, index) => index > answerAt || getHarmonyPurpose(message) !== "reasoning");
}

/** A result without a name is the latest call's. A result in a namespace is written on the channel of its call. */
function withCallsOfResults(
  messages: readonly HistoryMessage[],
  namespaces: readonly HarmonyNamespace[],
): readonly HistoryMessage[] {
  let tool = "tool";
  let channel: string | undefined;
  return messages.map((message) => {
    if (getHarmonyPurpose(message) === "tool-call") {
      tool = message.recipient ?? tool;
      channel = message.channel;
    }
    if (message.role !== "tool") return message;
    const result = { name: tool, ...message };
    return isInNamespace(result.name, namespaces) ? { ...result, channel: message.channel ?? channel } : result;
  });
}

function renderMessage(message: HistoryMessage, namespaces: readonly HarmonyNamespace[]): string {
  const { role, name, content } = message;
  if (isInstruction(message)) return content === "" ? "" : developerMessage(content, []);
  if (role === "tool") return renderResult(message, namespaces);
  const author = name === undefined ? role : `${role}:${name}`;
  if (role !== "assistant") return written(author, content);
  if (getHarmonyPurpose(message) === "tool-call") return renderCall(message, namespaces);
  return written(author, content, message.channel ?? "final");
}

function renderResult({ name = "tool", channel, content }: HistoryMessage, namespaces: readonly HarmonyNamespace[]) {
  if (isInNamespace(name, namespaces)) return written(`${name} to=assistant`, content, channel ?? "analysis");
  // a function's result is a JSON string, as in the model's training
  return written(`${name} to=assistant`, JSON.stringify(content), "commentary");
}

function renderCall(message: HistoryMessage, namespaces: readonly HarmonyNamespace[]): string {
  const { recipient = "", content } = message;
  const isNative = isInNamespace(recipient, namespaces);
  const { channel = isNative ? "analysis" : "commentary", contentType = isNative ? "" : "json" } = message;
  const type = contentType === "" ? "" : ` ${contentType}`;
  return `${TOKENS.start}assistant to=${recipient}${TOKENS.channel}${channel}${type}${TOKENS.message}${content}${TOKENS.call}`;
}

function written(author: string, content: string, channel?: string): string {
  const channelPart = channel === undefined ? "" : TOKENS.channel + channel;
  return TOKENS.start + author + channelPart + TOKENS.message + content + TOKENS.end;
}

function promptEnd({ resumeFrom, addGenerationPrompt = true }: RenderOptions): string {
  const assistant = `${TOKENS.start}assistant`;
  if (resumeFrom !== undefined) {
    return assistant + TOKENS.channel + resumeFrom.channel + TOKENS.message + resumeFrom.text;
  }
  return addGenerationPrompt ? assistant : "";
}

/** An array's items are named while they are short. */
const LONGEST_ITEM = 50;

/**
 * Tools as the TypeScript namespace that gpt-oss was trained on. Line breaks and spaces are those of its own template
 * (prompts/harmony.jinja), odd as some are: the model has never met others.
 */
export function renderNamespace(tools: readonly HarmonyTool[]): string {
  return `## functions\n\nnamespace functions {\n\n${tools.map(renderTool).join("")}} // namespace functions`;
}

function renderTool({ name, description = "", parameters }: HarmonyTool): string {
  const properties = Object.entries(parameters?.properties ?? {});
  const lines = properties.map(([property, schema]) => renderParameter(property, schema, parameters?.required ?? []));
  const signature = lines.length === 0 ? "()" : `(_: {\n${lines.join("")}})`;
  return `// ${description}\ntype ${name} = ${signature} => any;\n\n`;
}

function renderParameter(name: string, schema: JsonSchema, required: readonly string[]): string {
  const comment = schema.description ? `// ${schema.description}\n` : "";
  return `${comment}${name}${required.includes(name) ? "" : "?"}: ${typeOf(schema)}${renderDefault(schema)},\n`;
}

function renderDefault({ default: value, enum: choices, oneOf }: JsonSchema): string {
  if (value === undefined) return "";
  if (choices?.length) return `, // default: ${plainText(value)}`;
  return oneOf?.length ? `// default: ${plainText(value)}` : `, // default: ${spacedJson(value)}`;
}

function typeOf(schema: JsonSchema): string {
  const { type, oneOf } = schema;
  if (type === "array") return arrayType(schema);
  if (type !== undefined && typeof type !== "string") return type.length === 0 ? "any" : type.join(" | ");
  if (oneOf?.length) return oneOf.map(variantType).join(" | \n");
  return simpleType(schema);
}

function simpleType({ type, enum: choices, nullable, properties = {}, required = [] }: JsonSchema): string {
  if (type === "string") {
    return choices?.length ? choices.map(choiceText).join(" | ") : `string${nullable ? " | null" : ""}`;
  }
  if (type === "object") return Object.keys(properties).length === 0 ? "object" : objectType(properties, required);
  if (type === "number" || type === "integer") return "number";
  return type === "boolean" ? "boolean" : "any";
}

function objectType(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[]): string {
  const lines = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? "" : "?"}: \n                ${typeOf(schema)}`,
  );
  return `{\n${lines.join(", ")}}`;
}

function arrayType({ items, nullable }: JsonSchema): string {
  const orNull = nullable ? " | null" : "";
  if (items === undefined || Object.keys(items).length === 0) return `any[]${orNull}`;
  if (items.type === "string") return `string[]${orNull}`;
  const inner = typeOf(items);
  return `${inner.length > LONGEST_ITEM ? "any" : inner}[]${orNull}`;
}

function variantType(variant: JsonSchema): string {
  const description = variant.description ? `// ${variant.description}` : "";
  const value = variant.default === undefined ? "" : `                    // default: ${spacedJson(variant.default)}`;
  return typeOf(variant) + description + value;
}

function choiceText(choice: unknown): string {
  return typeof choice === "string" || typeof choice === "number" ? `"${choice}"` : spacedJson(choice);
}

/** A value as the template joins it to a text. */
function plainText(value: unknown): string {
  return typeof value === "string" ? value : spacedJson(value);
}

/** JSON as the template writes it: a space after commas and colons. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${spacedJson(inner)}`);
  return `{${entries.join(", ")}}`;
}
