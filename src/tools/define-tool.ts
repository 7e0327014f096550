import { type DynamicStructuredTool, tool } from "@langchain/core/tools";
import type { z } from "zod";
import { sanitizeControlTokens } from "../harmony/sanitize.ts";
import { cutToBudget, ToolError, ToolRefusal } from "./tool-result.ts";

/** A LangChain tool as createAgent and bindTools take it. */
export type AgentTool = DynamicStructuredTool;

/** A tool of one's own. */
export interface ToolDefinition<Schema extends z.ZodObject> {
  readonly name: string;
  /** For the model: what it does, and what it does not. */
  readonly description: string;
  readonly schema: Schema;
  /**
   * @returns what the model is told
   * @throws ToolError with a sentence for the model
   */
  readonly run: (input: z.infer<Schema>, signal: AbortSignal | undefined) => Promise<string> | string;
}

/** Makes a tool whose every result is free of control tokens and within the budget. */
export function createTool<Schema extends z.ZodObject>(definition: ToolDefinition<Schema>): AgentTool {
  const { name, description, schema, run } = definition;
  return tool(
    async (input: z.infer<Schema>, config: { readonly signal?: AbortSignal }) => {
      config.signal?.throwIfAborted();
      try {
        return presentResult(await run(input, config.signal));
      } catch (error) {
        if (!(error instanceof ToolError) || error instanceof ToolRefusal) throw error;
        throw new ToolError(presentResult(error.message), { cause: error });
      }
    },
    { name, description, schema },
  );
}

/** What every result of every tool goes through. */
export function presentResult(text: string): string {
  return cutToBudget(sanitizeControlTokens(text));
}
