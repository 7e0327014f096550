import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { Runnable } from "@langchain/core/runnables";
import { z } from "zod";
import { createChatPrompt, createStreamingRunnable, GptOssError, loadPrompt, type Prompt } from "../src/index.ts";
import { inputText, type TextInput } from "./text-input.ts";

/** A chain, and when it is the right one. */
export interface Route {
  /** When it is the right one, one sentence for the model. */
  readonly when: string;
  readonly chain: Runnable<string, string>;
}

/** Who chooses, and among which chains. */
export interface RouterOptions {
  /** Chooses; a small effort will do. */
  readonly model: BaseChatModel;
  readonly routes: Readonly<Record<string, Route>>;
  /** Default: prompts/route.md. Its variables are `routes` and `question`. */
  readonly prompt?: Prompt;
  /** Told which one was chosen. */
  readonly onRoute?: (name: string) => void;
}

/** Lets the model choose the chain that answers a question; a grammar keeps it to the names that there are. Streams that chain's answer. */
export function createRouter({
  model,
  routes,
  prompt = loadPrompt("route"),
  onRoute,
}: RouterOptions): Runnable<TextInput, string> {
  const names = Object.keys(routes);
  const schema = z.object({ route: z.enum(names) });
  const choose = createChatPrompt(prompt).pipe(model.withStructuredOutput<z.infer<typeof schema>>(schema));
  const described = Object.entries(routes)
    .map(([name, { when }]) => `${name}: ${when}`)
    .join("\n");
  return createStreamingRunnable({
    name: "route",
    async *generate(input: TextInput, config) {
      const question = inputText(input);
      if (names.length === 0) throw new GptOssError("usage", "There is no route to choose.");
      // not every model class checks what it was told to keep to
      const { data } = schema.safeParse(await choose.invoke({ routes: described, question }, config));
      const chosen = data && routes[data.route];
      if (data === undefined || chosen === undefined)
        throw new GptOssError("model-failed", `The model named none of the routes: ${names.join(", ")}.`);
      onRoute?.(data.route);
      yield* await chosen.chain.stream(question, config);
    },
  });
}
