import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { Runnable } from "@langchain/core/runnables";
import {
  ChatGptOss,
  createChatPrompt,
  type Chunk,
  formatCitation,
  createStreamingRunnable,
  DocumentIndex,
  HarmonyOutputParser,
  loadPrompt,
  type Prompt,
  loadDocuments,
} from "../src/index.ts";
import { inputText, type TextInput } from "./text-input.ts";

/** Who answers, and from which files. */
export interface DocumentQAOptions {
  readonly model: BaseChatModel;
  /** A text file, or a folder: all text files in it. */
  readonly path: string;
  /** Default: prompts/ask-files.md. Its variables are `sources` and `question`. */
  readonly prompt?: Prompt;
  /** Places of the files that are shown to the model; 6 by default, some 2,000 tokens. */
  readonly places?: number;
  /** Finds places by meaning too. Default: the embeddings of the model's own server, where it offers some; false for none. */
  readonly embeddings?: EmbeddingsInterface | false;
  /** Told when embeddings fail, and only words are compared. */
  readonly onNotice?: (sentence: string) => void;
  /** Told what was found, before the answer. */
  readonly onSources?: (sources: readonly Chunk[]) => void;
}

/**
 * Answers questions about local files: finds the places that fit (BM25, in Japanese too, and embeddings where the server offers them), asks, and ends the answer with the file and
 * lines of each source. The files are read at the first question.
 */
export function createDocumentQA({
  model,
  path,
  prompt = loadPrompt("ask-files"),
  places = 6,
  embeddings,
  onNotice,
  onSources,
}: DocumentQAOptions): Runnable<TextInput, string> {
  const ask = createChatPrompt(prompt).pipe(model).pipe(new HarmonyOutputParser());
  let index: DocumentIndex | undefined;
  return createStreamingRunnable({
    name: "askFiles",
    async *generate(input: TextInput, config) {
      const question = inputText(input);
      if (index === undefined) {
        const files = await loadDocuments(path, config.signal);
        index = new DocumentIndex(files, (embeddings ?? (await embeddingsOf(model))) || undefined, onNotice);
      }
      const sources = await index.search(question, places);
      onSources?.(sources);
      let answer = "";
      for await (const text of await ask.stream({ sources: describe(sources), question }, config)) {
        answer += text;
        yield text;
      }
      yield citationsOf(answer, sources);
    },
  });
}

/** Only a server of our own model class is known well enough to be asked. */
async function embeddingsOf(model: BaseChatModel): Promise<EmbeddingsInterface | undefined> {
  return model instanceof ChatGptOss ? await model.embeddings() : undefined;
}

function describe(sources: readonly Chunk[]): string {
  if (sources.length === 0) return "(nothing was found)";
  return sources.map((source, index) => `[${index + 1}] ${formatCitation(source)}\n${source.text}`).join("\n\n");
}

/** File and lines of what the answer cites; of everything that was found, when it cites nothing. */
function citationsOf(answer: string, sources: readonly Chunk[]): string {
  const cited = new Set([...answer.normalize("NFKC").matchAll(/[[【](\d+)/g)].map((match) => Number(match[1])));
  const numbered = sources.map((source, index) => ({ number: index + 1, source }));
  const named = numbered.filter(({ number }) => cited.has(number));
  const lines = (named.length > 0 ? named : numbered).map(
    ({ number, source }) => `[${number}] ${formatCitation(source)}`,
  );
  return lines.length === 0 ? "" : `\n\n${lines.join("\n")}`;
}
