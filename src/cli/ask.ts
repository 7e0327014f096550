import type { Answer, AnswerPart } from "../chat/answer.ts";
import { describeError } from "../chat/describe-error.ts";
import { Screen } from "../chat/screen.ts";
import { type ConfigText, readConfig, foreignServer } from "../config/config.ts";
import { switchTracingOff } from "../config/tracing.ts";
import { GptOssError, messageOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { textFor } from "../i18n/catalogue.ts";
import { detectLanguage } from "../i18n/language.ts";
import { abilitiesOf } from "../terminal/style.ts";
import type { CommandContext } from "./command-options.ts";
import { prepareModel } from "./local-model.ts";
import { type AskInputFlags, questionOf, schemaOf, systemOf, variablesOf } from "./standard-input.ts";

export interface AskFlags extends Omit<ConfigText, "plain">, AskInputFlags {
  readonly plain?: boolean;
  readonly showThinking?: boolean;
  readonly json?: boolean;
  readonly jsonl?: boolean;
  /** False with --no-save. */
  readonly save?: boolean;
}

/**
 * `gpt-oss ask`: one question, one answer. The answer goes to standard output and nothing else does.
 * @returns 0 when it was answered; else what the README says
 */
export async function ask(
  words: readonly string[],
  { plain, ...flags }: AskFlags,
  world: CommandContext,
): Promise<number> {
  const { environment, folder, stdout, stderr, signal } = world;
  const sources = { flags: { ...flags, ...(plain && { plain: "true" }) }, environment, folder };
  const config = readConfig(sources);
  if (flags.json && flags.jsonl) throw createError("twoOutputs", []);
  const messages = textFor(config.lang ?? detectLanguage(environment)).chat;
  const [system, variables, schema] = [systemOf(flags, folder), variablesOf(flags), schemaOf(flags, folder)];
  const question = await questionOf(words, world, messages);
  const forPrograms = flags.json === true || flags.jsonl === true;
  const screen = new Screen({
    stdout: forPrograms ? { write: () => true } : stdout,
    stderr,
    messages,
    interactive: false,
    thinkMode: flags.showThinking ? "show" : (config.think ?? "hide"),
    markdown: stdout.isTTY && config.plain !== true && schema === undefined && environment["TERM"] !== "dumb",
    abilities: abilitiesOf(stderr, environment),
  });
  if (switchTracingOff(config.tracing === true)) screen.note(messages.tracingOff);
  const foreign = foreignServer(sources);
  if (foreign) screen.note(messages.foreignServer(foreign.url, foreign.file));
  // a prompt that can't be used is reported before a model is downloaded or loaded
  if (flags.prompt !== undefined) (await import("../prompts/prompts.ts")).loadPrompt(flags.prompt);
  await prepareModel(config, world, messages);
  const printLine = (value: object) => stdout.write(`${JSON.stringify(value)}\n`);
  screen.beginAnswer();
  const { askOnce } = await import("./ask-once.ts");
  const { answer, model, session } = await askOnce({
    question,
    config,
    world,
    system,
    variables,
    schema,
    promptName: flags.prompt,
    save: flags.save !== false,
    onLoading: screen.loading,
    onNotice: (sentence) => {
      screen.notice(sentence);
    },
    onUnsaved(failure) {
      screen.notice(messages.notKept(describeError(failure, messages.language)));
    },
    onPart(part) {
      if (flags.jsonl) printLine(eventOf(part));
      screen.show(part);
    },
  });
  screen.endAnswer(answer);
  const envelope = envelopeOf(answer, model, session);
  if (flags.json && answer.outcome !== "failed") printLine(envelope);
  if (flags.jsonl) printLine(answer.outcome === "failed" ? errorEventOf(answer.failure) : endEventOf(envelope));
  if (answer.outcome === "failed") throw answer.failure;
  return signal.aborted || answer.outcome === "interrupted" ? 130 : 0;
}

/** What `ask --json` prints; the fields are part of the interface. */
export interface AskEnvelope {
  readonly final: string;
  readonly analysis: string;
  readonly commentary: string;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[];
  /** Tokens; null where the server does not say. */
  readonly usage: {
    readonly prompt: number | null;
    readonly cached: number | null;
    /** All that was written: thinking, text, calls, and what the format takes. */
    readonly answer: number | null;
    readonly analysis: number | null;
    readonly final: number | null;
    /** The last two were counted in pieces of which some had several tokens. */
    readonly estimated: boolean;
  };
  /** Milliseconds, and tokens a second. */
  readonly timings: {
    readonly timeToFirstToken: number | null;
    readonly duration: number | null;
    readonly promptTokensPerSecond: number | null;
    readonly answerTokensPerSecond: number | null;
  };
  /** `stop`, `length`, `tool_calls`, or `interrupted` and `failed`. */
  readonly finishReason: string;
  readonly model: string;
  /** Null when it is not saved. */
  readonly session: string | null;
}

export function envelopeOf(answer: Answer, model: string, session: string | undefined): AskEnvelope {
  const { figures } = answer;
  return {
    final: answer.text,
    analysis: answer.thinking,
    commentary: answer.preamble,
    toolCalls: answer.calls,
    usage: {
      prompt: figures.promptTokens ?? null,
      cached: figures.promptTokensCached ?? null,
      answer: figures.answerTokens ?? null,
      analysis: figures.thinkingTokens ?? null,
      final: figures.textTokens ?? null,
      estimated: figures.isEstimate ?? false,
    },
    timings: {
      timeToFirstToken: figures.timeToFirstToken ?? null,
      duration: figures.duration ?? null,
      promptTokensPerSecond: figures.promptSpeed ?? null,
      answerTokensPerSecond: figures.answerSpeed ?? null,
    },
    finishReason: answer.outcome === "answered" ? (answer.finishReason ?? "stop") : answer.outcome,
    model,
    session: session ?? null,
  };
}

/** What `ask --jsonl` prints for each part of an answer, a line each. */
export function eventOf(part: AnswerPart): object {
  return { ...part, type: EVENT_NAMES[part.type] };
}

/** By the names of harmony's channels, as in the envelope. */
const EVENT_NAMES: Readonly<Record<AnswerPart["type"], string>> = {
  progress: "progress",
  thinking: "analysis",
  preamble: "commentary",
  call: "toolCall",
  text: "final",
};

/** The last line of `ask --jsonl`. */
export function endEventOf(envelope: AskEnvelope): object {
  const { usage, timings, finishReason, model, session } = envelope;
  return { type: "end", finishReason, usage, timings, model, session };
}

/** A failure, for programs that read JSON. */
export function errorEventOf(failure: unknown): object {
  const code = GptOssError.isInstance(failure) ? failure.code : "unknown";
  return { type: "error", code, message: messageOf(failure) };
}
