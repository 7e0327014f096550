import type { ChatGptOssCallOptions } from "./call-options.ts";

/** Call options of OpenAI's Responses API, which no local server of gpt-oss has. */
const RESPONSES_OPTIONS = ["previous_response_id", "truncation", "text", "include"] as const;

type Tool = NonNullable<ChatGptOssCallOptions["tools"]>[number];

/** Whether a tool is a function, which any server can offer; `web_search` and its like run at OpenAI alone. */
export function isFunctionTool(tool: Tool): boolean {
  return nameOfForeignTool(tool) === undefined;
}

/** Names of what a call asks for and no server of gpt-oss can do. */
export function ignoredIn(call: ChatGptOssCallOptions): string[] {
  const options = call as Readonly<Record<string, unknown>>;
  const named = RESPONSES_OPTIONS.filter((name) => options[name] !== undefined && options[name] !== null);
  return [...named, ...(call.tools ?? []).flatMap((tool) => nameOfForeignTool(tool) ?? [])];
}

function nameOfForeignTool(tool: Tool): string | undefined {
  const { type, name, metadata } = tool as {
    readonly type?: unknown;
    readonly name?: unknown;
    readonly metadata?: unknown;
  };
  if (typeof metadata === "object" && metadata !== null && "customTool" in metadata) return String(name);
  return typeof type === "string" && type !== "function" && !("schema" in tool) ? type : undefined;
}
