import { widthOf } from "../terminal/text-width.ts";
import type { Answer, AnswerPart } from "./answer.ts";
import { AnswerWriter, ThinkingView } from "./answer-view.ts";
import type { ChatText } from "../i18n/catalogue.ts";
import type { Highlighter } from "./markdown/highlight.ts";
import { type Abilities, createStyle, type Style, withoutControls } from "../terminal/style.ts";
import { StatusLine } from "../terminal/progress.ts";
import { LineWrapper } from "../terminal/line-wrapper.ts";

export interface TextOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface ScreenOptions {
  /** Answers, and nothing else. */
  readonly stdout: TextOutput;
  /** Everything else. */
  readonly stderr: TextOutput;
  readonly messages: ChatText;
  /** A person is typing: greet, label, ask. Otherwise only answers are written. */
  readonly interactive: boolean;
  /** The analysis channel: shown whole, folded to a line that moves, or (not interactive) not at all. */
  readonly thinkMode: "hide" | "show";
  /** Draw Markdown; otherwise it is written unchanged. */
  readonly markdown: boolean;
  /** Of standard error. */
  readonly abilities: Abilities;
  readonly highlighter?: () => Highlighter | undefined;
}

const INDENT = 6;
const PIPE_DELAY_MS = 100;
const CLEAR_SCREEN = "\x1b[2J\x1b[3J\x1b[H";

/** What a chat shows: answers on standard output, everything else on standard error. */
export class Screen {
  readonly interactive: boolean;
  thinkMode: "hide" | "show";
  readonly #options: ScreenOptions;
  readonly #style: Style;
  readonly #status: StatusLine;
  #thinking: ThinkingView;
  #answer: AnswerWriter | undefined;
  #asideLabel: string | undefined;
  /** How much of the model is in memory, while it is being loaded. */
  #loaded: number | undefined;
  readonly #notices: string[] = [];

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.interactive = options.interactive;
    this.thinkMode = options.thinkMode;
    this.#style = createStyle(options.abilities);
    this.#status = new StatusLine({
      write: (text) => options.stderr.write(text),
      columns: this.#columns,
      paint: this.#style.dim,
      enabled: options.abilities.redraw,
    });
    this.#thinking = this.#newThinking();
  }

  get prompt(): string {
    return this.interactive ? this.#style.bold(this.#options.messages.you) : "";
  }

  /** The prompt of a message's further lines. */
  get morePrompt(): string {
    return this.interactive ? this.#style.dim(this.#options.messages.more) : "";
  }

  greet(): void {
    if (this.interactive) this.note(this.#options.messages.greeting);
  }

  /** A notice, on lines of its own. */
  note(text: string): void {
    this.#status.clear();
    const wrapper = this.#wrapper();
    wrapper.write(withoutControls(text));
    wrapper.newline();
  }

  /** A sentence about something that happens on its own: not in the middle of an answer's text. */
  notice(text: string): void {
    if (this.#answer === undefined && this.#asideLabel === undefined) this.note(text);
    else this.#notices.push(text);
  }

  /** @param fraction 0 to 1 */
  readonly loading = (fraction: number): void => {
    this.#loaded = fraction < 1 ? fraction : undefined;
  };

  /** A line about what happens in the middle of an answer. */
  aside(text: string): void {
    this.#endAsides();
    this.#endText();
    this.note(text);
  }

  title(text: string): void {
    this.#options.stderr.write(`${this.#style.bold(withoutControls(text))}\n`);
  }

  /** A line of a list: what it is about, and what is said of it, broken below itself where it is long. */
  entry(subject: string, text: string): void {
    const wrapper = this.#wrapper();
    const before = subject === "" ? "  " : `  ${withoutControls(subject)}  `;
    // in a narrow window it stands below
    const isBelow = widthOf(before) > this.columns / 2;
    const indent = " ".repeat(isBelow ? INDENT : widthOf(before));
    wrapper.hanging = { text: indent, paint: (blank) => blank };
    wrapper.writeRaw(isBelow ? before.trimEnd() : before, this.#style.cyan);
    if (isBelow) {
      wrapper.newline();
      wrapper.writeRaw(indent);
    }
    wrapper.write(withoutControls(text));
    wrapper.newline();
  }

  dim(text: string): void {
    this.#options.stderr.write(`${this.#style.dim(withoutControls(text))}\n`);
  }

  finding(where: string, before: string, found: string, after: string): void {
    const [one, two, three] = [before, found, after].map((part) => withoutControls(part).replaceAll("\n", " "));
    this.#options.stderr.write(
      `${this.#style.dim(withoutControls(where))}${one}${this.#style.yellow(this.#style.bold(two ?? ""))}${three}\n`,
    );
  }

  /** A turn of an earlier chat, as it looked then. */
  repeat(question: string, answer: string): void {
    this.#options.stderr.write(`${this.prompt}${withoutControls(question)}\n`);
    if (answer === "") return;
    this.show({ type: "text", text: answer });
    this.#endText();
  }

  clear(): void {
    if (this.#options.abilities.redraw) this.#options.stderr.write(CLEAR_SCREEN);
  }

  /** Something takes its time. */
  wait(text: () => string): void {
    this.#status.show(text);
  }

  stopWaiting(): void {
    this.#status.clear();
  }

  beginAnswer(): void {
    this.#thinking = this.#newThinking();
    const { messages } = this.#options;
    this.wait(() =>
      this.#loaded === undefined ? messages.waiting : messages.loadingModel(Math.floor(this.#loaded * 100)),
    );
  }

  readonly show = (part: AnswerPart): void => {
    const { messages } = this.#options;
    switch (part.type) {
      case "progress":
        if (part.processed < part.total)
          this.wait(() => messages.readingPrompt(Math.floor((part.processed / part.total) * 100), part.total));
        break;
      case "thinking":
        this.#thinking.add(part.text, this.thinkMode);
        break;
      case "preamble":
        this.#aside(messages.preambleLabel, part.text);
        break;
      case "call":
        this.#endAsides();
        this.note(messages.toolCall(part.name, part.arguments));
        break;
      case "text":
        if (this.#answer === undefined || this.#asideLabel !== undefined) this.#endAsides();
        this.#answer ??= this.#beginText();
        this.#answer.write(part.text);
        break;
    }
  };

  endAnswer({ outcome, text }: Answer): void {
    this.#endAsides();
    this.#endText();
    const { messages, stderr } = this.#options;
    if (this.interactive && outcome === "answered" && text === "")
      stderr.write(`${this.#style.bold(messages.assistant)}${messages.noAnswer}\n`);
    if (outcome !== "interrupted") return;
    this.#status.clear();
    const hint = this.interactive ? `${this.#style.dim(messages.continueHint)} ` : "";
    stderr.write(`${hint}${messages.interrupted}\n`);
  }

  /**
   * Where answers reach the terminal through another program (`chat | tee log`), gives it a moment: what follows would otherwise be drawn
   * before the end of the answer.
   */
  async waitForPipe(): Promise<void> {
    const { stdout, stderr } = this.#options;
    if (this.interactive && stdout.isTTY !== true && stderr.isTTY === true)
      await new Promise((resolve) => setTimeout(resolve, PIPE_DELAY_MS));
  }

  #endText(): void {
    this.#answer?.end();
    this.#answer = undefined;
    this.#status.clear();
    for (const notice of this.#notices.splice(0)) this.note(notice);
  }

  #aside(label: string, text: string): void {
    this.#thinking.end();
    this.#status.clear();
    if (this.#asideLabel !== label) this.#options.stderr.write(this.#style.dim(`${label} `));
    this.#asideLabel = label;
    this.#options.stderr.write(this.#style.dim(withoutControls(text)));
  }

  #endAsides(): void {
    this.#thinking.end();
    this.#status.clear();
    if (this.#asideLabel !== undefined) this.#options.stderr.write("\n");
    this.#asideLabel = undefined;
  }

  #beginText(): AnswerWriter {
    const { stdout, stderr, messages, markdown, highlighter } = this.#options;
    if (this.interactive) stderr.write(this.#style.bold(messages.assistant));
    return new AnswerWriter({
      write: (text) => {
        this.#status.clear();
        stdout.write(text);
      },
      columns: this.#columns,
      style: this.#style,
      markdown,
      terminal: stdout.isTTY === true,
      // a label that goes elsewhere takes no place on the line
      label: this.interactive && stderr.isTTY === true ? messages.assistant : "",
      highlighter,
      onTable: (lines) => {
        this.wait(() => messages.writingTable(lines));
      },
    });
  }

  #newThinking(): ThinkingView {
    const { stderr, messages } = this.#options;
    return new ThinkingView({
      write: (text) => stderr.write(text),
      paint: this.#style.dim,
      messages,
      status: this.#status,
      interactive: this.interactive,
    });
  }

  #wrapper(): LineWrapper {
    return new LineWrapper({ write: (text) => this.#options.stderr.write(text), columns: this.#columns });
  }

  /** Where there is no window, lines have no end. */
  readonly #columns = (): number => this.columns;

  get columns(): number {
    return this.#options.stderr.columns || this.#options.stdout.columns || Number.POSITIVE_INFINITY;
  }
}
