import { GptOssError } from "../errors/errors.ts";
import type { Answer } from "./answer.ts";
import { attachFiles } from "./attachments.ts";
import { type Chat, DONE, type Outcome } from "./slash/slash-command.ts";
import { describeError } from "./describe-error.ts";
import { type LineReader, type ReadResult, readMessage } from "./line-reader.ts";
import type { AskOptions } from "./ask-model.ts";
import type { ChatStartup } from "./chat-startup.ts";
import { type ParsedLine, parseLine, SLASH_COMMANDS } from "./slash/slash-commands.ts";

const FAREWELLS = new Set(["exit", "quit"]);

export interface ChatLoopOptions extends Omit<Chat, "chatSession"> {
  readonly opening: ChatStartup;
  readonly reader: LineReader;
  /** Ends the chat from outside (a signal to the process). */
  readonly signal: AbortSignal;
}

/**
 * Reads a message, answers it, and again, until `exit`, `quit` or the end of input.
 * @returns the exit status: 0; that of the last failure when the input was not a terminal; 130 after a second Ctrl-C
 */
export async function chatLoop(options: ChatLoopOptions): Promise<number> {
  const { screen, signal, messages, opening } = options;
  let status = 0;
  let interrupts = 0;
  while (!signal.aborted) {
    const result = await opening.orFailure(read(options));
    if (result.kind === "end") break;
    if (result.kind === "interrupt") {
      interrupts = result.isRepeated === false ? 1 : interrupts + 1;
      if (interrupts > 1) return 130;
      screen.note(messages.again);
      continue;
    }
    interrupts = 0;
    if (result.text.trim() === "") continue;
    if (FAREWELLS.has(result.text.trim().toLowerCase())) break;
    const outcome = await saying(() => follow(result.text, options), DONE, options);
    if (outcome.kind === "leave") break;
    const answer = await saying(() => answerTo(outcome, options), undefined, options);
    if (answer?.outcome === "failed" && !screen.interactive) status = statusOf(answer.failure);
    if (answer?.outcome === "interrupted" && !screen.interactive) return 130;
  }
  return signal.aborted ? 130 : status;
}

/** A person's message may have several lines; each line of a pipe is one. */
async function read({ reader, screen }: ChatLoopOptions): Promise<ReadResult> {
  if (!screen.interactive) return await reader.read("");
  return await readMessage(reader, { first: screen.prompt, more: screen.morePrompt });
}

/** What a line asks for: a pipe's lines are all questions, a person's may be commands. */
async function follow(line: string, options: ChatLoopOptions): Promise<Outcome> {
  const { screen, messages, folder } = options;
  if (!screen.interactive) return { kind: "ask", question: line.trim() };
  const parsed = parseLine(line.trim());
  if (parsed.kind !== "message") return await runCommand(parsed, options);
  const { text, attached } = attachFiles(parsed.text, { folder, messages });
  for (const sentence of attached) screen.dim(sentence);
  return { kind: "ask", question: text };
}

/** Shows the error of a command or a turn, and continues; unless there will never be an answer. */
async function saying<Result>(
  action: () => Promise<Result>,
  otherwise: Result,
  { opening, screen, messages }: ChatLoopOptions,
): Promise<Result> {
  try {
    return await action();
  } catch (failure) {
    if ((await opening.hasFailed()) || !GptOssError.isInstance(failure)) throw failure;
    screen.stopWaiting();
    screen.note(describeError(failure, messages.language));
    return otherwise;
  }
}

async function runCommand(
  parsed: Exclude<ParsedLine, { kind: "message" }>,
  options: ChatLoopOptions,
): Promise<Outcome> {
  const { screen, messages, opening } = options;
  if (parsed.kind === "command") {
    const chatSession = await opening.orFailure(opening.chatSession);
    return await SLASH_COMMANDS[parsed.name].run(parsed.argument, { ...options, chatSession });
  }
  const next = parsed.nearest === undefined ? messages.helpHint : messages.didYouMean(`/${parsed.nearest}`);
  screen.note(`${messages.unknownCommand(parsed.name)} ${next}`);
  return DONE;
}

async function answerTo(outcome: Outcome, options: ChatLoopOptions): Promise<Answer | undefined> {
  const { screen, messages, opening } = options;
  if (outcome.kind !== "ask" && outcome.kind !== "continue") return undefined;
  const chatSession = await opening.orFailure(opening.chatSession);
  const answer = await showAnswer(
    (ask) => (outcome.kind === "ask" ? chatSession.ask(outcome.question, ask) : chatSession.continueAnswer(ask)),
    options,
  );
  if (answer?.outcome === "answered") await chatSession.warnIfNearlyFull();
  if (answer === undefined) screen.note(messages.nothingToContinue);
  return answer;
}

async function showAnswer<Result extends Answer | undefined>(
  ask: (options: AskOptions) => Promise<Result>,
  { reader, screen, signal, opening, messages }: ChatLoopOptions,
): Promise<Result | Answer> {
  const stop = new AbortController();
  const end = () => {
    stop.abort();
  };
  reader.onInterrupt = end;
  signal.addEventListener("abort", end, { once: true });
  screen.beginAnswer();
  try {
    const answer = await opening.orFailure(ask({ signal: stop.signal, onPart: screen.show }));
    if (answer === undefined) {
      screen.stopWaiting();
      return answer;
    }
    screen.endAnswer(answer);
    await screen.waitForPipe();
    if (answer.outcome === "failed") screen.note(describeError(answer.failure, messages.language));
    return answer;
  } finally {
    reader.onInterrupt = undefined;
    signal.removeEventListener("abort", end);
  }
}

function statusOf(failure: unknown): number {
  return GptOssError.isInstance(failure) ? failure.exitStatus : 1;
}
