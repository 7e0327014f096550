import { join } from "node:path";
import { dataFolder } from "../../setup/folders.ts";
import { copyToClipboard } from "../chat/clipboard.ts";
import { editText, type EditorResult } from "../chat/editor.ts";
import { InputHistory } from "../chat/input-history.ts";
import type { Messages } from "../chat/language/index.ts";
import { type LineReader, PipeLineReader } from "../chat/line-reader.ts";
import type { Highlighter } from "../chat/markdown/highlight.ts";
import { Screen } from "../chat/screen.ts";
import { completeLine } from "../chat/slash/complete-line.ts";
import type { Talk } from "../chat/talk.ts";
import { abilitiesOf } from "../chat/terminal/abilities.ts";
import { TerminalLineReader } from "../chat/terminal/terminal-line-reader.ts";
import type { World } from "./world.ts";

export interface ConsoleOptions {
  readonly world: World;
  readonly messages: Messages;
  readonly thinkMode: "hide" | "show";
  /** Markdown as it comes. */
  readonly plain: boolean;
}

/** What a chat is typed on and shown on: a terminal, or a pipe and a file. */
export class ChatConsole implements Disposable {
  readonly screen: Screen;
  /** Known when it is loaded: Tab offers what there is in it. */
  talk: Talk | undefined;
  readonly #world: World;
  readonly #messages: Messages;
  #reader: LineReader | undefined;
  #terminal: TerminalLineReader | undefined;
  #highlighter: Highlighter | undefined;

  constructor({ world, messages, thinkMode, plain }: ConsoleOptions) {
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
  }

  #openTerminal(): TerminalLineReader {
    const { stdin, stderr, environment, folder, atExit } = this.#world;
    const history = new InputHistory(join(dataFolder(environment, systemOf(process.platform)), "input-history.jsonl"));
    history.compact();
    const terminal = new TerminalLineReader({
      input: stdin,
      output: stderr,
      isDumb: environment["TERM"] === "dumb",
      history: history.entries,
      onLine: (text) => {
        history.add(text);
      },
      complete: (line) => completeLine(line, this.talk, folder),
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

function systemOf(platform: NodeJS.Platform): "darwin" | "linux" {
  return platform === "darwin" ? "darwin" : "linux";
}
