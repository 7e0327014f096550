import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { Runnable, RunnableConfig } from "@langchain/core/runnables";
import {
  createChatPrompt,
  type CountTokens,
  createStreamingRunnable,
  HarmonyOutputParser,
  loadPrompt,
  findLostStructure,
  type MarkdownPiece,
  type Prompt,
  protectMarkdown,
  splitMarkdown,
  createTokenCounter,
} from "../src/index.ts";
import { inParallel } from "./parallel.ts";
import { inputText, type TextInput } from "./text-input.ts";

/** Who translates, and into which language. */
export interface TranslatorOptions {
  readonly model: BaseChatModel;
  /** The language to translate into, such as "Japanese". */
  readonly to: string;
  /** How terms are to be translated; the model gets those that occur in a piece. */
  readonly glossary?: Readonly<Record<string, string>>;
  /** Default: prompts/translate.md. Its variables are `language`, `glossary` and `text`. */
  readonly prompt?: Prompt;
  /** Most tokens of a piece; 1,000 by default. */
  readonly pieceTokens?: number;
  /** Pieces that are translated at once; 4 by default. */
  readonly concurrency?: number;
  readonly countTokens?: CountTokens;
  /** Told of a piece that stays as it was, because its translation lost code, an address or its structure twice. */
  readonly onNotice?: (sentence: string) => void;
}

/** How often a piece is translated before it is given up. */
const ATTEMPTS = 2;

/** Translates a text or a Markdown document of any length. Code, addresses and HTML come out as they went in,
 * headings, lists, tables and links keep their structure. Streams piece by piece. */
export function createTranslator({
  model,
  to,
  glossary = {},
  prompt = loadPrompt("translate"),
  pieceTokens = 1_000,
  concurrency = 4,
  countTokens = createTokenCounter(model),
  onNotice,
}: TranslatorOptions): Runnable<TextInput, string> {
  const ask = createChatPrompt(prompt).pipe(model).pipe(new HarmonyOutputParser());

  async function translatePiece({ kind, text }: MarkdownPiece, config: RunnableConfig): Promise<string> {
    const [before, inner, after] = withoutMargins(text);
    if (kind === "verbatim" || inner === "") return text;
    const hidden = protectMarkdown(inner);
    const variables = { language: to, glossary: describeGlossary(glossary, inner), text: hidden.text };
    let lost = "";
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const answer = (await ask.invoke(variables, config)).trim();
      const translated = hidden.restore(answer);
      lost = lossIn(hidden.text, answer, translated) ?? "";
      if (translated !== undefined && lost === "") return before + translated + after;
    }
    onNotice?.(`A piece was left as it was, since its translation lost ${lost}: ${firstLine(inner)}`);
    return text;
  }

  return createStreamingRunnable({
    name: "translate",
    empty: "",
    async *generate(document: TextInput, config) {
      const pieces = await splitMarkdown(inputText(document), pieceTokens, countTokens);
      const work = (piece: MarkdownPiece, signal: AbortSignal) => translatePiece(piece, { ...config, signal });
      yield* inParallel(pieces, concurrency, work, config.signal);
    },
  });
}

/** What a translation has not kept; the marks stand for code, addresses and placeholders. */
function lossIn(sent: string, answer: string, restored: string | undefined): string | undefined {
  if (answer === "") return "everything";
  return restored === undefined ? "code, an address or a placeholder" : findLostStructure(sent, answer);
}

/** White space around a text, which models do not keep, and the text. */
function withoutMargins(text: string): [string, string, string] {
  const inner = text.trim();
  const at = text.indexOf(inner);
  return [text.slice(0, at), inner, text.slice(at + inner.length)];
}

function describeGlossary(glossary: Readonly<Record<string, string>>, text: string): string {
  const lower = text.toLowerCase();
  const lines = Object.entries(glossary).flatMap(([term, translation]) => {
    return lower.includes(term.toLowerCase()) ? [`${term} → ${translation}`] : [];
  });
  return lines.length === 0 ? "" : `Translate these terms so:\n${lines.join("\n")}`;
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").slice(0, 60);
}
