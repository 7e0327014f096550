import { stripVTControlCharacters } from "node:util";
import { ChatSession, currentDateOf } from "../chat/chat-session.ts";
import { describeError } from "../chat/describe-error.ts";
import type { LineReader } from "../chat/line-reader.ts";
import { SavedSessions } from "../chat/saved-sessions.ts";
import type { TextOutput } from "../chat/screen.ts";
import type { Config } from "../config/config.ts";
import type { GptOssError } from "../errors/errors.ts";
import { localize, errorMessageIn } from "../i18n/error-messages.ts";
import type { ChatText } from "../i18n/catalogue.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import { sessionsFolder } from "../memory/session-folder.ts";
import { homeFolder } from "../platform/folders.ts";
import { loadPrompt } from "../prompts/prompts.ts";
import { describeToolEvent } from "../tools/agent-guard.ts";
import { parseToolSpec, type ToolRequest } from "../tools/tool-spec.ts";
import { refuseAll, approveByLine, type Approve } from "../tools/approval.ts";
import { SwitchableTools } from "../tools/switchable-tools.ts";
import { showableLine } from "../terminal/untrusted-text.ts";
import { strategyOf, type MemoryFlags, type ChatConsole } from "./chat-console.ts";
import { openChatSession, type SessionFlags } from "./choose-session.ts";
import type { CommandContext } from "./command-options.ts";
import { openModel } from "./open-model.ts";

export interface StartChatSessionOptions {
  readonly flags: SessionFlags & MemoryFlags & OpenToolsOptions["flags"];
  /** Where tools are shown and asked about. */
  readonly console: ChatConsole;
  readonly config: Config;
  readonly world: CommandContext;
  readonly messages: ChatText;
  readonly signal: AbortSignal;
  readonly onLoading: (fraction: number) => void;
  readonly onNotice: (sentence: string) => void;
  readonly onNearlyFull: (percent: number, turns: number) => void;
}

/** Opens the conversation that the flags name and begins to open the model. */
export async function startChatSession(options: StartChatSessionOptions): Promise<ChatSession> {
  const { flags, config, world, signal, onLoading, onNotice, onNearlyFull } = options;
  strategyOf(flags);
  const onUnsaved = (failure: unknown) => {
    onNotice(options.messages.notKept(describeError(failure, options.messages.language)));
  };
  const saved = new SavedSessions(sessionsFolder(world.environment), flags.save !== false, onUnsaved);
  const session = await openChatSession(flags, saved, world, options.messages);
  const tools = await openTools(options, session.state.tools);
  return new ChatSession({
    session,
    saved,
    prompts: { plain: loadPrompt("chat"), withTools: loadPrompt("agent") },
    settings: { effort: config.effort },
    strategy: strategyOf(flags),
    longMessages: flags.cutLong ? "cut" : "refuse",
    open: (name) =>
      openModel({
        config: name === undefined ? config : { ...config, model: name },
        world,
        currentDate: currentDateOf(session),
        signal,
        onLoading,
        onNotice,
      }),
    tools,
    onToolEvent: (event) => {
      options.console.screen.aside(describeToolEvent(event));
    },
    onNotice: (_sentence, wording) => {
      onNotice(localize(options.messages.language, wording));
    },
    onLostTool: (failure) => {
      onNotice(errorMessageIn(failure, options.messages.language).message);
    },
    onNearlyFull,
  });
}

export interface OpenToolsOptions {
  readonly flags: { readonly tools?: string; readonly allow?: readonly string[] };
  readonly world: CommandContext;
  readonly console: ChatConsole;
  readonly messages: ChatText;
}

/**
 * The tools of a chat.
 * @param earlier the tools that an earlier chat of the session had on; the flags take precedence
 */
export async function openTools(
  { flags, world, console, messages }: OpenToolsOptions,
  earlier: readonly string[] | undefined,
): Promise<SwitchableTools> {
  const { screen } = console;
  const write = (text: string) => {
    screen.stopWaiting();
    return world.stderr.write(text);
  };
  const approve = screen.interactive ? approveInChat(console.reader, { write }, messages.language) : refuseAll;
  const { language } = messages;
  const onProblem = (problem: GptOssError) => {
    write(`${errorMessageIn(problem, language).message}\n`);
  };
  const onOutput = lineByLine((line) => {
    screen.aside(line);
  });
  const told = new Set<string>();
  const onInstructions = (path: string) => {
    if (!told.has(path)) write(`${messages.instructionsRead(showableLine(path))}\n`);
    told.add(path);
  };
  const own = { approve, environment: world.environment, language, onProblem, onOutput, onInstructions };
  const tools = new SwitchableTools({ ...own, allow: flags.allow });
  if (flags.tools !== undefined) await tools.on(parseToolSpec(flags.tools, homeFolder()).map(wordOf));
  else if (earlier !== undefined) {
    for (const failure of await tools.restore(earlier))
      world.stderr.write(`${errorMessageIn(failure, messages.language).message}\n`);
  }
  return tools;
}

/** Shows what comes in pieces a line at a time; nothing of it can steer the terminal. */
function lineByLine(show: (line: string) => void): (text: string) => void {
  let open = "";
  return (text) => {
    const lines = (open + text).split(/\r?\n/);
    open = (lines.pop() ?? "").slice(-OPEN_CHARACTERS);
    for (const line of lines) show(showableLine(stripVTControlCharacters(line)));
  };
}

/** A line that does not end is not shown before it does, and not kept whole. */
const OPEN_CHARACTERS = 1_000;

function wordOf({ kind, path }: ToolRequest): string {
  return path === undefined ? kind : `${kind}:${path}`;
}

/** Asks with the chat's own line reader, which has the terminal already; Ctrl-C, Ctrl-D and the end of the turn refuse. */
export function approveInChat(reader: LineReader, output: TextOutput, language: InterfaceLanguage): Approve {
  return approveByLine(
    async (question, signal) => {
      const stopped = new Promise<undefined>((resolve) => {
        signal?.addEventListener("abort", () => {
          resolve(undefined);
        });
      });
      const answer = await Promise.race([reader.readNext(question), stopped]);
      return answer?.kind === "line" ? answer.text : undefined;
    },
    (text) => output.write(text),
    { language },
  );
}
