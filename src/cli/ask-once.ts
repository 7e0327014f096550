import { SystemMessage, type AIMessageChunk, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import type { Answer, AnswerPart } from "../chat/answer.ts";
import { SavedSessions } from "../chat/saved-sessions.ts";
import { streamAnswer } from "../chat/stream-answer.ts";
import type { Config } from "../config/config.ts";
import type { GptOssError } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { joinSystemMessages, AnswerKeeper } from "../memory/history.ts";
import { sessionsFolder } from "../memory/session-folder.ts";
import { SessionChatMessageHistory } from "../memory/session-history.ts";
import type { Session } from "../memory/session.ts";
import type { ChatGptOss } from "../model/chat-gpt-oss.ts";
import { checkOutput, jsonIn } from "../model/structured-output.ts";
import { explainModelError } from "../model/model-errors.ts";
import { createChatPrompt, loadPrompt, type Prompt } from "../prompts/prompts.ts";
import { localDate } from "../terminal/format.ts";
import type { AnswerSchema } from "./standard-input.ts";
import { openModel } from "./open-model.ts";
import type { CommandContext } from "./command-options.ts";

export interface AskOnceOptions {
  readonly question: string;
  readonly config: Config;
  readonly world: CommandContext;
  readonly system: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly schema: AnswerSchema | undefined;
  /** Default: chat. */
  readonly promptName: string | undefined;
  readonly save: boolean;
  readonly onLoading: (fraction: number) => void;
  readonly onNotice: (sentence: string) => void;
  /** Called when the question and its answer can't be saved. */
  readonly onUnsaved: (failure: unknown) => void;
  readonly onPart: (part: AnswerPart) => void;
}

export interface AskedOnce {
  readonly answer: Answer;
  readonly model: string;
  /** Undefined when it is not saved. */
  readonly session: string | undefined;
}

/** Opens the model, asks it one question, and keeps both unless told otherwise. */
export async function askOnce(options: AskOnceOptions): Promise<AskedOnce> {
  const { question, config, world, save, onLoading, onNotice, onUnsaved } = options;
  const prompt = loadPrompt(options.promptName ?? "chat");
  const sent = await messagesOf(prompt, options);
  const { signal } = world;
  const currentDate = localDate(new Date());
  const { model, contextSize } = await openModel({ config, world, currentDate, signal, onLoading, onNotice });
  await using opened = model;
  const session = await new SavedSessions(sessionsFolder(world.environment), save, onUnsaved).create();
  try {
    const settings = { effort: config.effort, currentDate, context: contextSize };
    session.begin({ model: opened.model, prompt: prompt.name, settings });
    const answer = await answerTo(sent, session, opened, { ...options, question: sent.at(-1)?.text ?? question });
    return { answer, model: opened.model, session: session.unsaved.length === 0 ? session.id : undefined };
  } finally {
    session.close();
  }
}

async function messagesOf(prompt: Prompt, options: AskOnceOptions): Promise<BaseMessage[]> {
  const { variables, question, system } = options;
  const values: Readonly<Record<string, string>> = { input: question, ...variables };
  const missing = prompt.variables.filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0) {
    throw createError("promptWants", [prompt.name, missing.join(", "), missing[0] ?? ""]);
  }
  const unknown = Object.keys(variables).find((name) => !prompt.variables.includes(name));
  if (unknown !== undefined) {
    throw createError("promptLacksVariable", [prompt.name, unknown, prompt.variables.join(", ")]);
  }
  const rendered = await createChatPrompt(prompt).formatMessages({ ...values, history: [] });
  // a prompt without a place for the question gets it after its own words
  const asked = prompt.variables.includes("input") ? [] : [new HumanMessage(question)];
  return joinSystemMessages([...(system === undefined ? [] : [new SystemMessage(system)]), ...rendered, ...asked]);
}

async function answerTo(
  sent: readonly BaseMessage[],
  session: Session,
  model: ChatGptOss,
  { question, schema, world, onPart }: AskOnceOptions,
): Promise<Answer> {
  const history = new SessionChatMessageHistory(session);
  const { signal } = world;
  await history.addMessages(sent.filter(({ type }) => type === "human" || type === "system"));
  const keeper = new AnswerKeeper(history, () => undefined);
  const bound = model.withConfig({
    onProgress: ({ processed, total }) => {
      onPart({ type: "progress", processed, total });
    },
    ...(schema && { response_format: { type: "json_schema", json_schema: { name: "answer", schema, strict: true } } }),
  });
  const answer = await streamAnswer({
    question,
    signal,
    onPart: schema === undefined ? onPart : withoutText(onPart),
    keep: (text) => {
      keeper.add(text);
    },
    open: async () => (await bound.stream([...sent], { signal })) as AsyncIterable<AIMessageChunk>,
  });
  await keeper.end(answer.outcome === "answered");
  if (schema === undefined) return explained(answer, model);
  const checked = answer.outcome === "answered" ? await jsonOf(answer, schema) : explained(answer, model);
  if (checked.text !== "") onPart({ type: "text", text: checked.text });
  return checked;
}

function explained(answer: Answer, model: ChatGptOss): Answer {
  if (answer.outcome !== "failed") return answer;
  return { ...answer, failure: explainModelError(answer.failure, model.baseUrl) };
}

/** Text that should be JSON is shown when it is whole: what stands around the JSON is known only then. */
function withoutText(onPart: (part: AnswerPart) => void): (part: AnswerPart) => void {
  return (part) => {
    if (part.type !== "text") onPart(part);
  };
}

/** The JSON alone, if it fits the schema. A server without a grammar may put words or a fence around it, or answer with something else. */
async function jsonOf(answer: Answer, schema: AnswerSchema): Promise<Answer> {
  const text = jsonIn(answer.text);
  const fail = (failure: GptOssError): Answer => ({ ...answer, outcome: "failed", failure });
  try {
    JSON.parse(text);
  } catch (cause) {
    return fail(createError(answer.finishReason === "length" ? "answerCutInJson" : "answerNotJson", [], { cause }));
  }
  const checked = await checkOutput(schema, text);
  return checked.isValid ? { ...answer, text } : fail(createError("answerAgainstSchema", [checked.problem]));
}
