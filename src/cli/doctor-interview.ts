import { z } from "zod";
import { type HarmonySummary, summarizeHarmony } from "../harmony/format.ts";
import { parseHarmony } from "../harmony/parser.ts";
import type { ServerCapabilities } from "../inference/capabilities.ts";
import { constraintOf, shapeOf } from "../inference/constraint.ts";
import { requestServerJson } from "../llama-server/http.ts";
import type { OpenServer } from "../llama-server/open-server.ts";

const MOST_TOKENS = 1_024;
/** A large model on a slow machine reads a long prompt for minutes. */
const ANSWER_MS = 30 * 60_000;

const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        text: z.string().optional(),
        message: z.object({ content: z.string().nullish() }).optional(),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  timings: z
    .object({
      prompt_n: z.number(),
      prompt_per_second: z.number(),
      predicted_n: z.number(),
      predicted_per_second: z.number(),
    })
    .optional(),
});

const tokensSchema = z.object({ tokens: z.array(z.number()).min(1) });

/** One question, what came back, and how it was read. */
export interface Answer {
  readonly title: string;
  readonly raw: string;
  readonly read: HarmonySummary;
  readonly finishReason: string;
  readonly timings: NonNullable<z.infer<typeof completionSchema>["timings"]> | undefined;
  /** Undefined when all is as expected. */
  readonly problem: string | undefined;
}

export interface InterviewOptions {
  readonly server: OpenServer;
  /** Whether a grammar holds the model to the format where tools are offered. Default: true. */
  readonly toolGrammar?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly onQuestion: (title: string) => void;
}

/** Asks all questions, one after the other; a question that fails is an answer too. */
export async function interview({
  server,
  toolGrammar,
  signal,
  onQuestion,
}: InterviewOptions): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const put = async (title: string, action: () => Promise<Answer>) => {
    if (signal.aborted) return;
    onQuestion(title);
    answers.push(await action().catch((error: unknown) => failedAnswer(title, error)));
  };
  const post = poster(server, signal);
  const { tokens } = tokensSchema.parse(await post("/tokenize", { content: FILLER }));
  for (const question of questionsFor(server.contextSize, tokens.length, toolGrammar)) {
    await put(question.title, () => askQuestion(question, post));
    const call = answers.at(-1)?.read.toolCalls[0];
    if (question.expected === "tool-call" && call) {
      await put("Tool result", () => answerTool(call, answers.at(-1)?.read.reasoning ?? "", post, toolGrammar));
    }
  }
  await put("Continue", () => continueAnswer(post));
  return answers;
}

type Post = (path: string, body: unknown) => Promise<unknown>;

function poster({ url, apiKey }: OpenServer, signal: AbortSignal): Post {
  return async (path, body) =>
    await requestServerJson({
      baseUrl: url,
      apiKey,
      path,
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
}

async function askQuestion({ title, request, expected }: Question, post: Post): Promise<Answer> {
  const reply = await post("/v1/chat/completions", { ...request, temperature: 0, max_tokens: MOST_TOKENS });
  const answer = readAnswer(
    title,
    reply,
    (request.tools ?? []).map((tool) => tool.function.name),
  );
  return { ...answer, problem: judge(expected, answer.read) };
}

/** The second half of a tool loop: the call, its result, and the answer that uses it. */
async function answerTool(
  call: HarmonySummary["toolCalls"][number],
  reasoning: string,
  post: Post,
  toolGrammar: boolean | undefined,
): Promise<Answer> {
  const messages = [
    WEATHER_QUESTION,
    {
      role: "assistant",
      content: reasoning,
      reasoning_content: reasoning,
      tool_calls: [{ id: "call_1", type: "function", function: call }],
    },
    { role: "tool", tool_call_id: "call_1", content: "Sunny, 21 degrees." },
  ];
  const request = weatherRequest(messages, toolGrammar);
  return await askQuestion({ title: "Tool result", request, expected: "final" }, post);
}

/** Continues an answer that was cut off: through the rendered prompt, since raw mode has no prefill. */
async function continueAnswer(post: Post): Promise<Answer> {
  const started = "1 2 3";
  const rendered = await post("/apply-template", {
    messages: [{ role: "user", content: "Count to 10." }],
    chat_template_kwargs: { reasoning_effort: "low", continue_from: { channel: "final", text: started } },
  });
  const { prompt } = z.object({ prompt: z.string() }).parse(rendered);
  const reply = await post("/v1/completions", { prompt, temperature: 0, max_tokens: MOST_TOKENS });
  const { choices, timings } = completionSchema.parse(reply);
  const raw = choices[0]?.text ?? "";
  const read = { final: `${started}${raw}`, reasoning: "", preamble: "", toolCalls: [] };
  const problem = /^,? 4/.test(raw) ? undefined : "it does not continue where it was cut off";
  return { title: "Continue", raw, read, finishReason: choices[0]?.finish_reason ?? "", timings, problem };
}

function readAnswer(title: string, reply: unknown, tools: readonly string[]): Answer {
  const { choices, timings } = completionSchema.parse(reply);
  const raw = choices[0]?.message?.content ?? "";
  const read = summarizeHarmony(parseHarmony(raw, { tools }));
  return { title, raw, read, finishReason: choices[0]?.finish_reason ?? "", timings, problem: undefined };
}

function judge(expected: Question["expected"], read: HarmonySummary): string | undefined {
  if (expected === "tool-call") return read.toolCalls.length > 0 ? undefined : "no tool was called";
  if (read.final.trim() === "") return "the final answer is missing";
  if (expected === "thought" && read.reasoning === "") return "the analysis is missing";
  if (expected === "secret" && !read.final.includes("Alice")) return "the name at the beginning was not found";
  if (expected === "json" && !isJson(read.final)) return "the answer is not JSON";
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // that is the answer
  }
}

function failedAnswer(title: string, error: unknown): Answer {
  const problem = error instanceof Error ? error.message : String(error);
  const read = { final: "", reasoning: "", preamble: "", toolCalls: [] };
  return { title, raw: "", read, finishReason: "", timings: undefined, problem };
}

/** The fixed set of questions that `doctor --report` asks, in the wire's own words. */

export interface Question {
  readonly title: string;
  /** Body of a POST to /v1/chat/completions, without sampling and limits. */
  readonly request: Readonly<Record<string, unknown>> & { readonly tools?: readonly (typeof WEATHER_TOOL)[] };
  /** What the answer has to be for the report to call it right. */
  readonly expected: "final" | "thought" | "tool-call" | "json" | "secret";
}

const user = (content: string) => ({ role: "user", content });

export const WEATHER_TOOL = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Get the current weather in a city.",
    parameters: {
      type: "object",
      properties: { city: { type: "string", description: "The city to look up." } },
      required: ["city"],
    },
  },
} as const;

export const WEATHER_QUESTION = user("What is the weather in Tokyo?");

const { parameters: WEATHER_PARAMETERS, ...WEATHER } = WEATHER_TOOL.function;
const WEATHER_SHAPE = shapeOf({ tools: [{ ...WEATHER, parameters: WEATHER_PARAMETERS }] });
const PERSON_SHAPE = shapeOf({
  responseFormat: {
    type: "json_schema",
    name: "person",
    schema: {
      type: "object",
      properties: { name: { type: "string" }, age: { type: "integer", minimum: 0 } },
      required: ["name", "age"],
    },
  },
});
/** The servers that are asked here. */
const OWN_SERVER: ServerCapabilities = { mode: "raw", isLlamaServer: true, hasOwnTemplate: true };

/** A question in which the weather tool may be called, held to the format as in a chat. */
function weatherRequest(messages: readonly object[], toolGrammar: boolean | undefined) {
  const constraint = constraintOf(WEATHER_SHAPE, OWN_SERVER, { toolGrammar });
  return { messages, ...constraint, tools: [WEATHER_TOOL], reasoning_effort: "medium" };
}

const PUZZLE = user("A farmer has 17 sheep. All but 9 run away. How many are left?");

/** What the long question is filled with. */
export const FILLER = "The quick brown fox jumps over the lazy dog again. ";

/**
 * @param contextSize tokens of one conversation; the long question fills half of it, with at most 8,000
 * @param fillerTokens tokens of FILLER, which every model counts in its own way
 */
export function questionsFor(contextSize: number, fillerTokens: number, toolGrammar?: boolean): readonly Question[] {
  const filler = FILLER.repeat(Math.ceil(Math.min(8_000, contextSize / 2) / fillerTokens));
  return [
    { title: "Plain", request: { messages: [user("Hello")], reasoning_effort: "low" }, expected: "final" },
    ...(["low", "medium", "high"] as const).map((effort): Question => ({
      title: `Thinking, effort ${effort}`,
      request: { messages: [PUZZLE], reasoning_effort: effort },
      expected: effort === "low" ? "final" : "thought",
    })),
    { title: "Japanese", request: { messages: [user("こんにちは")], reasoning_effort: "medium" }, expected: "final" },
    {
      title: "Tool call",
      request: weatherRequest([WEATHER_QUESTION], toolGrammar),
      expected: "tool-call",
    },
    {
      title: "Structured output (held by a grammar)",
      request: {
        messages: [user("Extract JSON: Alice is 30 years old.")],
        ...constraintOf(PERSON_SHAPE, OWN_SERVER),
      },
      expected: "json",
    },
    {
      title: "Long context",
      request: { messages: [user(`My name is Alice.\n\n${filler}\n\nWhat is my name?`)], reasoning_effort: "medium" },
      expected: "secret",
    },
  ];
}
