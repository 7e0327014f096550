import type { ChatSession } from "../chat/chat-session.ts";
import { copyToClipboard, editText, type EditorResult } from "../chat/external-programs.ts";
import { InputHistory, inputHistoryPath } from "../chat/input-history.ts";
import { type LineReader, PipeLineReader } from "../chat/line-reader.ts";
import type { Highlighter } from "../chat/markdown/highlight.ts";
import { Screen } from "../chat/screen.ts";
import { completeLine } from "../chat/slash/slash-commands.ts";
import { TerminalLineReader } from "../chat/terminal/terminal-line-reader.ts";
import { createError } from "../i18n/error-messages.ts";
import type { ChatText } from "../i18n/catalogue.ts";
import { STRATEGIES, type Strategy } from "../memory/memory-options.ts";
import { abilitiesOf } from "../terminal/style.ts";
import type { CommandContext } from "./command-options.ts";

export interface ConsoleOptions {
  readonly world: CommandContext;
  readonly messages: ChatText;
  readonly thinkMode: "hide" | "show";
  /** Show Markdown unchanged. */
  readonly plain: boolean;
  /** False with --no-save: what is typed is not written anywhere. */
  readonly save: boolean;
}

/** What a chat is typed on and shown on: a terminal, or a pipe and a file. */
export class ChatConsole implements Disposable {
  readonly screen: Screen;
  #chatSession: ChatSession | undefined;
  readonly #save: boolean;
  #history: InputHistory | undefined;
  /** Typed before the session was open. */
  #typedEarly: string[] = [];
  readonly #world: CommandContext;
  readonly #messages: ChatText;
  #reader: LineReader | undefined;
  #terminal: TerminalLineReader | undefined;
  #highlighter: Highlighter | undefined;

  constructor({ world, messages, thinkMode, plain, save }: ConsoleOptions) {
    this.#save = save;
    this.#world = world;
    this.#messages = messages;
    const { stdin, stdout, stderr, environment } = world;
    this.screen = new Screen({
      stdout,
      stderr,
      messages,
      interactive: stdin.isTTY,
      thinkMode,
      markdown: stdout.isTTY && !plain && environment["TERM"] !== "dumb",
      abilities: abilitiesOf(stderr, environment),
      highlighter: () => this.#highlighter,
    });
  }

  /** Known when it is loaded: Tab offers what there is in it, and what is typed belongs to its session. */
  get chatSession(): ChatSession | undefined {
    return this.#chatSession;
  }

  set chatSession(chatSession: ChatSession | undefined) {
    this.#chatSession = chatSession;
    this.#saveTypedEarly();
  }

  /** The lines; from now on the terminal is ours. */
  get reader(): LineReader {
    this.#reader ??= this.#world.stdin.isTTY ? this.#openTerminal() : new PipeLineReader(this.#world.stdin);
    return this.#reader;
  }

  /** Says something that happens on its own, above a line that is being typed. */
  readonly notify = (sentence: string): void => {
    const say = () => {
      this.screen.notice(sentence);
    };
    if (this.#reader) this.#reader.interject(say);
    else say();
  };

  /** Colours for code; it takes a moment to load. */
  async loadHighlighter(): Promise<void> {
    const { loadHighlighter } = await import("../chat/markdown/highlight.ts");
    this.#highlighter = await loadHighlighter();
  }

  readonly edit = (text: string): EditorResult => {
    const use = () => editText(text, this.#world.environment);
    return this.#terminal ? this.#terminal.lendTerminal(use) : use();
  };

  readonly copy = (text: string): void => {
    const { environment, stderr } = this.#world;
    copyToClipboard(text, environment, (sequence) => stderr.write(sequence));
  };

  [Symbol.dispose](): void {
    this.#reader?.close();
    this.#saveTypedEarly();
  }

  #remember(text: string): void {
    if (!this.#save) return;
    if (this.#chatSession === undefined) this.#typedEarly.push(text);
    else this.#history?.add(text, this.#chatSession.sessionId);
  }

  #saveTypedEarly(): void {
    for (const text of this.#typedEarly.splice(0)) this.#history?.add(text, this.#chatSession?.sessionId);
  }

  #openTerminal(): TerminalLineReader {
    const { stdin, stderr, environment, folder, atExit } = this.#world;
    const history = new InputHistory(inputHistoryPath(environment));
    if (this.#save) history.compact();
    this.#history = history;
    const terminal = new TerminalLineReader({
      input: stdin,
      output: stderr,
      isDumb: environment["TERM"] === "dumb",
      history: history.entries,
      onLine: (text) => {
        this.#remember(text);
      },
      complete: (line) => completeLine(line, this.chatSession, folder),
      edit: (text) => {
        const result = editText(text, environment);
        return result.kind === "text" ? result.text : undefined;
      },
      pasteLabel: this.#messages.pasteLabel,
      searchPrompt: this.#messages.searchPrompt,
    });
    this.#terminal = terminal;
    atExit(() => {
      terminal.close();
    });
    return terminal;
  }
}

export interface MemoryFlags {
  readonly memory?: string;
  readonly cutLong?: boolean;
}

/** @throws GptOssError `usage` that names the strategies */
export function strategyOf({ memory }: MemoryFlags): Strategy {
  const strategy = STRATEGIES.find((name) => name === (memory ?? "summary"));
  if (strategy !== undefined) return strategy;
  throw createError("badMemoryStrategy", [JSON.stringify(memory), STRATEGIES.join(", ")]);
}
