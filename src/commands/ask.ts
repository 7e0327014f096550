import { describeFailure } from "../chat/describe-failure.ts";
import { detectLanguage, messagesIn } from "../chat/language/index.ts";
import { Screen } from "../chat/screen.ts";
import { abilitiesOf } from "../chat/terminal/abilities.ts";
import { type ConfigText, readConfig } from "../config/config.ts";
import { foreignServer } from "../config/foreign-server.ts";
import { switchTracingOff } from "../config/tracing.ts";
import { failed } from "../failures/failure.ts";
import { type AskInputFlags, questionOf, schemaOf, systemOf, variablesOf } from "./ask-input.ts";
import { endEventOf, envelopeOf, errorEventOf, eventOf } from "./ask-output.ts";
import { prepareModel } from "./local-model.ts";
import type { World } from "./world.ts";

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
export async function ask(words: readonly string[], { plain, ...flags }: AskFlags, world: World): Promise<number> {
  const { environment, folder, stdout, stderr, signal } = world;
  const sources = { flags: { ...flags, ...(plain && { plain: "true" }) }, environment, folder };
  const config = readConfig(sources);
  if (flags.json && flags.jsonl) throw failed("twoOutputs", []);
  const messages = messagesIn(config.lang ?? detectLanguage(environment));
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
  if (flags.prompt !== undefined) (await import("../prompts.ts")).loadPrompt(flags.prompt);
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
      screen.notice(messages.notKept(describeFailure(failure, messages.language)));
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
