import type { StructuredToolInterface } from "@langchain/core/tools";
import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import type { NativeTool } from "../inference/messages.ts";
import { nativeToolSchema } from "../inference/native-tools.ts";

/** The key in a LangChain tool's `extras` under which it says where it stands among gpt-oss's own tools. */
export const NATIVE_EXTRAS = "gptOss";

type OpenAITool = ReturnType<typeof convertToOpenAITool> & { readonly native?: NativeTool };

/** The `native` field that a tool of LangChain's gets in OpenAI's form; only `ChatGptOss` knows it, and no server sees it. */
export function nativeField(tool: unknown): { readonly native?: NativeTool } {
  const { extras } = (typeof tool === "object" && tool !== null ? tool : {}) as {
    readonly extras?: Readonly<Record<string, unknown>>;
  };
  const native = nativeToolSchema.safeParse(extras?.[NATIVE_EXTRAS]);
  return native.success ? { native: native.data } : {};
}

/** A tool in OpenAI's form, with what makes it one of gpt-oss's own. */
export function toOpenAITool(tool: StructuredToolInterface | Readonly<Record<string, unknown>>): OpenAITool {
  return { ...convertToOpenAITool(tool), ...nativeField(tool) };
}
