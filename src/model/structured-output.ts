import type { BaseLanguageModelInput, StructuredOutputMethodOptions } from "@langchain/core/language_models/base";
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  coerceMessageLikeToMessage,
  HumanMessage,
} from "@langchain/core/messages";
import { parsePartialJson } from "@langchain/core/output_parsers";
import { Runnable, type RunnableConfig } from "@langchain/core/runnables";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import { failed } from "../failures/failure.ts";
import type { ChatGptOssCallOptions } from "./call-options.ts";
import type { GptOssMetadata } from "./read-message.ts";
import { withoutTracing } from "./tracing.ts";
import { type CheckedOutput, checkOutput, growingJsonIn, type OutputSchema } from "./check-output.ts";

export type { OutputSchema } from "./check-output.ts";

/** How often a model is told what was wrong and asked again. */
const MOST_CORRECTIONS = 2;
/** A partial object is given once the text has grown by so much, since each is read from the beginning. */
const GROWTH = 1.02;

type Model = Runnable<BaseLanguageModelInput, AIMessageChunk>;

/** What a ChatGptOss is here: a model whose call options can be set beforehand. */
interface ConfigurableModel {
  withConfig(config: Partial<ChatGptOssCallOptions>): Model;
}

interface StructuredOutputFields<Output extends Record<string, unknown>> {
  readonly model: Model;
  readonly schema: OutputSchema<Output>;
  /** The text of a message that should be JSON. */
  readonly textOf: (message: AIMessage | AIMessageChunk) => string;
  readonly includeRaw: boolean;
}

/**
 * Asks for JSON of a schema. The grammar keeps the model to its form; what a grammar can't say is checked here, and the model asked
 * again with the error, unless its answer was cut: the next would be cut too. Streams partial objects as they grow, and the whole, checked one at the end.
 */
export class StructuredOutput<Output extends Record<string, unknown>> extends Runnable<
  BaseLanguageModelInput,
  unknown
> {
  lc_namespace = ["langchain-gpt-oss", "model"];
  override lc_serializable = false;
  readonly #fields: StructuredOutputFields<Output>;

  constructor(fields: StructuredOutputFields<Output>) {
    super();
    this.#fields = fields;
  }

  static override lc_name(): string {
    return "StructuredOutput";
  }

  static of<Output extends Record<string, unknown>>(
    model: ConfigurableModel,
    schema: OutputSchema<Output>,
    { name = "extract", method = "jsonSchema", includeRaw = false }: StructuredOutputMethodOptions<boolean>,
  ): StructuredOutput<Output> {
    const jsonSchema = toJsonSchema(schema) as Record<string, unknown>;
    if (method === "functionCalling") {
      const parameters = { type: "function" as const, function: { name, parameters: jsonSchema } };
      const bound = model.withConfig({ tools: [parameters], tool_choice: { type: "function", function: { name } } });
      return new StructuredOutput({ model: bound, schema, textOf: argumentsOf, includeRaw });
    }
    const response_format =
      method === "jsonMode"
        ? { type: "json_object" as const }
        : { type: "json_schema" as const, json_schema: { name, schema: jsonSchema, strict: true } };
    const bound = model.withConfig({ response_format });
    return new StructuredOutput({ model: bound, schema, textOf: (message) => message.text, includeRaw });
  }

  override async invoke(input: BaseLanguageModelInput, options?: Partial<RunnableConfig>): Promise<unknown> {
    return await this._callWithConfig(
      async (question: BaseLanguageModelInput, config) => {
        const raw = await this.#fields.model.invoke(question, config);
        return await this.#settle(question, raw, config);
      },
      input,
      withoutTracing(options),
    );
  }

  override async *_streamIterator(input: BaseLanguageModelInput, options?: Partial<RunnableConfig>): AsyncGenerator {
    let whole: AIMessageChunk | undefined;
    let next = 1;
    let given = "";
    for await (const chunk of await this.#fields.model.stream(input, options)) {
      whole = whole === undefined ? chunk : whole.concat(chunk);
      const text = this.#fields.textOf(whole);
      if (text.length < next || this.#fields.includeRaw) continue;
      next = Math.max(text.length + 1, text.length * GROWTH);
      const partial: unknown = parsePartialJson(growingJsonIn(text));
      const written = JSON.stringify(partial);
      if (typeof partial !== "object" || partial === null || written === given) continue;
      given = written;
      yield partial;
    }
    if (whole !== undefined) yield await this.#settle(input, whole, options);
  }

  /** Checks an answer; asks for a better one as often as is allowed. */
  async #settle(
    question: BaseLanguageModelInput,
    first: AIMessage | AIMessageChunk,
    options?: Partial<RunnableConfig>,
  ): Promise<unknown> {
    const { model, schema, textOf, includeRaw } = this.#fields;
    const said: BaseMessage[] = [];
    let raw = first;
    let checked: CheckedOutput<Output> = await checkOutput(schema, textOf(raw));
    let cut = cutOf(raw);
    for (let correction = 0; !checked.isValid && cut === undefined && correction < MOST_CORRECTIONS; correction++) {
      // the user's own stop sequence cut the answer, and would cut the next one too
      const { stop_sequence: stop } = raw.response_metadata as Partial<GptOssMetadata>;
      if (stop !== undefined) throw failed("answerStopped", [stop, checked.problem]);
      said.push(new AIMessage(textOf(raw)), new HumanMessage(`That is not right: ${checked.problem}. Answer again.`));
      raw = await model.invoke([...messagesOf(question), ...said], options);
      checked = await checkOutput(schema, textOf(raw));
      cut = cutOf(raw);
    }
    if (includeRaw) return { raw, parsed: checked.isValid ? checked.output : null };
    if (checked.isValid) return checked.output;
    if (cut !== undefined) throw failed(cut, []);
    const times = MOST_CORRECTIONS + 1;
    throw failed("notWantedForm", [times, checked.problem]);
  }
}

/** Why an answer ended before its JSON did. */
function cutOf({
  response_metadata: metadata,
}: AIMessage | AIMessageChunk): "outputCutByContext" | "outputCutByMaxTokens" | undefined {
  if (metadata["finish_reason"] !== "length") return undefined;
  return metadata["cut"] === "context-full" ? "outputCutByContext" : "outputCutByMaxTokens";
}

function messagesOf(question: BaseLanguageModelInput): BaseMessage[] {
  if (typeof question === "string") return [new HumanMessage(question)];
  return Array.isArray(question) ? question.map(coerceMessageLikeToMessage) : question.toChatMessages();
}

/**
 * The arguments of the first call: as they were written while they grow, and what LangChain read of them at the end. A server that does
 * not force a call may have the object in its answer.
 */
function argumentsOf(message: AIMessage | AIMessageChunk): string {
  const chunk = AIMessageChunk.isInstance(message) ? message.tool_call_chunks?.[0] : undefined;
  if (chunk?.args !== undefined) return chunk.args;
  const call = message.tool_calls?.[0];
  return call === undefined ? (message.invalid_tool_calls?.[0]?.args ?? message.text) : JSON.stringify(call.args);
}
