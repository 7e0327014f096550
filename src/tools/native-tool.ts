import { z } from "zod";
import type { HarmonyTool, JsonSchema } from "../harmony/index.ts";
import type { NativeTool } from "../inference/messages.ts";
import { functionNameOf } from "../inference/native-tools.ts";
import { NATIVE_EXTRAS } from "../model/native-definition.ts";
import { type AgentTool, createTool, type ToolDefinition } from "./define-tool.ts";

/** A tool that gpt-oss was trained with. Its name follows from its place among them. */
export interface NativeToolDefinition<Schema extends z.ZodObject> extends Omit<ToolDefinition<Schema>, "name"> {
  readonly namespace: string;
  /** Describes the namespace. */
  readonly namespaceDescription?: string;
  /** The name in the namespace; without it the tool takes the text of its one argument. */
  readonly function?: string;
  /** In place of what follows from the schema, the words of gpt-oss's training. */
  readonly declaration?: HarmonyTool | undefined;
  /** Other recipients by which the model calls the tool. */
  readonly aliases?: readonly string[];
  /** Names of arguments that the model also uses, and what they mean. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/** Makes a tool that gpt-oss knows, for any model: `browser.search` for gpt-oss, the function `browser_search` for the others. */
export function createNativeTool<Schema extends z.ZodObject>(definition: NativeToolDefinition<Schema>): AgentTool {
  const { namespace, namespaceDescription, function: name, aliases, renamed = {}, declaration, ...rest } = definition;
  const { description, schema } = rest;
  const parameters = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
  const [textArgument] = Object.keys(schema.shape);
  const native: NativeTool = {
    namespace,
    ...(namespaceDescription !== undefined && { description: namespaceDescription }),
    ...(name === undefined ? { textArgument } : { function: declaration ?? { name, description, parameters } }),
    ...(aliases && { aliases }),
  };
  const made = createTool({ ...rest, name: functionNameOf(native) });
  const invoke = made.invoke.bind(made);
  return Object.assign(made, {
    extras: { [NATIVE_EXTRAS]: native },
    invoke: async (input: Parameters<typeof invoke>[0], config: Parameters<typeof invoke>[1]) =>
      await invoke(withKnownNames(input, renamed), config),
  });
}

/** A call of LangChain's, or arguments alone: the arguments by their own names, without those that say nothing. */
function withKnownNames<Input>(input: Input, renamed: Readonly<Record<string, string>>): Input {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
  if ("args" in input && "type" in input && input.type === "tool_call") {
    return { ...input, args: withKnownNames(input.args, renamed) };
  }
  const given = Object.entries(input).filter(([, value]) => value !== null && value !== undefined);
  const names = new Set(given.map(([name]) => name));
  return Object.fromEntries(
    given.map(([name, value]) => {
      const known = renamed[name];
      return [known === undefined || names.has(known) ? name : known, value];
    }),
  ) as Input;
}
