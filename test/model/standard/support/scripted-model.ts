import { callOf, type ChatBody, finalText, type Reply, thinkingThen } from "../../../wire/support/model-server.ts";

interface ScriptedCall {
  readonly name: string;
  readonly args: unknown;
}

/** What a model says to a request: text or calls. */
type ScriptedAnswer = { readonly text: string } | { readonly calls: readonly ScriptedCall[] };

export const THINKING = "Let me see.";

/** What gpt-oss says to a request, as raw harmony. A stop sequence applies to the raw text, as llama-server applies it. */
export function rawReply(body: ChatBody): Reply {
  const unreadable = unreadablePart(body);
  if (unreadable !== undefined) return { status: 500, error: `${unreadable} is not supported by this model` };
  const answer = answerTo(body);
  if ("text" in answer) return cutAtStop(thinkingThen(THINKING, finalText(answer.text)), body);
  const written = answer.calls.map(({ name, args }) => callOf(name, args)).join("<|start|>assistant");
  return thinkingThen(THINKING, written);
}

/** The same from a server that splits the channels. */
export function splitReply(body: ChatBody): Reply {
  const unreadable = unreadablePart(body);
  if (unreadable !== undefined) return { status: 500, error: `${unreadable} is not supported by this model` };
  const answer = answerTo(body);
  const thinking = { reasoning_content: THINKING };
  if ("text" in answer) {
    const text = cutAtStop(answer.text, body);
    return { deltas: [thinking, ...(text.match(/.{1,4}/gsu) ?? []).map((content) => ({ content }))] };
  }
  const calls = answer.calls.map(({ name, args }, index) => ({
    tool_calls: [
      { index, id: `call_${++callCount}`, type: "function", function: { name, arguments: JSON.stringify(args) } },
    ],
  }));
  return { deltas: [thinking, ...calls], finish: "tool_calls" };
}

let callCount = 0;

/** The commands that the demo model knows, and two calls at once. */
function answerTo({ messages, tools }: ChatBody): ScriptedAnswer {
  const last = messages.at(-1);
  const said = textOf(last?.["content"]);
  if (last?.["role"] === "tool") return { text: `The tool says: ${said}` };
  const definitions = (tools ?? []) as { readonly function: { readonly name: string } }[];
  const offered = new Set(definitions.map((tool) => tool.function.name));
  const calls = [...said.matchAll(/(\w+) with (\{.*?\})(?= and \w+ with|$)/g)].map(([, name = "", args = ""]) => ({
    name,
    args: JSON.parse(args) as unknown,
  }));
  if (calls.length > 0 && calls.every(({ name }) => offered.has(name))) return { calls };
  const [, city] = /^What is the weather in (\w+)\?$/.exec(said) ?? [];
  if (city !== undefined && offered.has("get_weather")) return { calls: [{ name: "get_weather", args: { city } }] };
  const [, expression] = /^What is (\d+ \+ \d+)\?$/.exec(said) ?? [];
  if (expression !== undefined && offered.has("calculator")) {
    return { calls: [{ name: "calculator", args: { expression } }] };
  }
  const [, name, age] = /^Extract JSON: (\w+) is (\d+) years old\.$/.exec(said) ?? [];
  if (name !== undefined) return { text: JSON.stringify({ name, age: Number(age) }) };
  const [, friend] = /^My name is (\w+)\.$/.exec(said) ?? [];
  return { text: friend === undefined ? "Hello! How can I help you?" : `Nice to meet you, ${friend}.` };
}

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return typeof content === "string" ? content : "";
  return content.map(({ text }: { readonly text?: unknown }) => (typeof text === "string" ? text : "")).join("");
}

/** The kind of the first part of a message that is not text: llama-server refuses it for a model without eyes and ears. */
function unreadablePart({ messages }: ChatBody): string | undefined {
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? (content as { type: string }[]) : []));
  return parts.find(({ type }) => type !== "text")?.type;
}

function cutAtStop(text: string, { stop }: ChatBody): string {
  const sequences = (Array.isArray(stop) ? stop : [stop]).filter((part) => typeof part === "string");
  const ends = sequences.map((part) => text.indexOf(part)).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}
