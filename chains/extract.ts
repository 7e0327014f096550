import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { Runnable } from "@langchain/core/runnables";
import type { z } from "zod";
import { createChatPrompt, createStreamingRunnable, loadPrompt, type Prompt } from "../src/index.ts";
import { inputText, type TextInput } from "./text-input.ts";

/** Who reads, and what is wanted. */
export interface ExtractorOptions<Schema extends z.ZodType> {
  readonly model: BaseChatModel;
  /** What is wanted; the fields' descriptions help the model. */
  readonly schema: Schema;
  /** Default: prompts/extract.md. Its one variable is `text`. */
  readonly prompt?: Prompt;
}

/**
 * Takes from a text what a schema asks for. With ChatGptOss a grammar keeps the model to the schema. Streams the value as it grows:
 * each one takes the place of the one before, and only the last is whole. ChatGptOss checks that one; another class gives what it has.
 */
export function createExtractor<Schema extends z.ZodType>({
  model,
  schema,
  prompt = loadPrompt("extract"),
}: ExtractorOptions<Schema>): Runnable<TextInput, z.infer<Schema>> {
  // LangChain's own type knows objects only
  const structured: Runnable = model.withStructuredOutput(schema as z.ZodType<Record<string, unknown>>);
  const ask = createChatPrompt(prompt).pipe(structured as Runnable<unknown, z.infer<Schema>>);
  return createStreamingRunnable<TextInput, z.infer<Schema>>({
    name: "extract",
    outputs: "replaced",
    async *generate(text, config) {
      yield* await ask.stream({ text: inputText(text) }, config);
    },
    invoke: async (text, config) => await ask.invoke({ text: inputText(text) }, config),
  });
}
