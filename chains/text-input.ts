import { GptOssError } from "../src/index.ts";

/** What a chain reads: text, alone or under the name that prompts give to a question. */
export type TextInput = string | { readonly input: string };

/** The text of an input. Anything else would reach the model as "[object Object]". */
export function inputText(given: unknown): string {
  const text: unknown =
    typeof given === "object" && given !== null ? (given as { readonly input?: unknown }).input : given;
  if (typeof text === "string") return text;
  throw new GptOssError("usage", "The input of this chain is not text.", {
    hint: 'Pass a string, or an object such as { input: "Hello" }.',
  });
}
