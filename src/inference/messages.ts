import type { CallHeader } from "./call-header.ts";
import type { HarmonyTool } from "../harmony/index.ts";

/*
 * A conversation as every part of this program describes it, independent of LangChain and of any server's wire form.
 */

/** One message. */
export interface ChatMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  /** Text. Anything else, such as an image, is sent as it is, so that the server can say what it thinks of it. */
  readonly content: unknown;
  /** The author's name; for a tool's result the name of the tool. */
  readonly name?: string | undefined;
  /** The analysis of an assistant message. It is sent only while the tool loop that it belongs to is open. */
  readonly reasoning?: string | undefined;
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** The call that a tool's result answers. May be missing: results are paired with calls by position. */
  readonly toolCallId?: string | undefined;
}

export interface ToolCall {
  /** Empty where the server that made the call sends none. */
  readonly id: string;
  readonly name: string;
  /** JSON text of an object, or whatever the model wrote in place of it. */
  readonly arguments: string;
  /** The header that the model wrote before these arguments; only where the arguments are unchanged. */
  readonly header?: CallHeader | undefined;
}

/** A function that the model may call. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema; a function without arguments may leave it out. */
  readonly parameters?: unknown;
  /** OpenAI's own servers then hold the model to the schema. Others may ignore it. */
  readonly strict?: boolean | undefined;
  /** Where it stands among gpt-oss's own tools. */
  readonly native?: NativeTool | undefined;
}

/**
 * The place of a tool among those that gpt-oss was trained with. With our chat template on a raw server it is declared there, and the
 * model calls it by its own name. Other servers offer the same tool as an ordinary function.
 */
export interface NativeTool {
  /** Such as `browser`. A tool without a function is called by this name alone. */
  readonly namespace: string;
  /** Describes the namespace. */
  readonly description?: string | undefined;
  /** The declaration, such as `search`. Without it the tool takes text in place of JSON. */
  readonly function?: HarmonyTool | undefined;
  /** The argument that holds the text of a tool that takes text. */
  readonly textArgument?: string | undefined;
  /** Other recipients by which the model calls the tool. */
  readonly aliases?: readonly string[] | undefined;
}

export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

/** The form that an answer must have. */
export type ResponseFormat =
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly name: string;
      readonly description?: string | undefined;
      /** JSON Schema. */
      readonly schema?: unknown;
      readonly strict?: boolean | undefined;
    };
