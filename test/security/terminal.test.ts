import { describe, expect, it } from "@jest/globals";
import { AnswerWriter } from "../../src/chat/answer-view.ts";
import { describeError } from "../../src/chat/describe-error.ts";
import { textFor } from "../../src/i18n/catalogue.ts";
import { Screen } from "../../src/chat/screen.ts";
import { abilitiesOf, createStyle } from "../../src/terminal/style.ts";
import { listText, showText } from "../../src/cli/sessions.ts";
import { sessionLine } from "../../src/cli/choose-session.ts";
import { GptOssError } from "../../src/errors/errors.ts";
import { renderDiff, render } from "../../src/experiment/report/render.ts";
import type { StoredSession } from "../../src/memory/session-folder.ts";
import { makeResults } from "../experiment/support/make-results.ts";

/** Sets the clipboard, the title, the colours; hides a link's address; erases the screen; turns the direction of writing. */
const ATTACKS = [
  "\u001B]52;c;cm0gLXJmIH4=\u0007",
  "\u001B]0;title\u0007",
  "\u001B[31m",
  "\u001B]8;;https://evil.example\u001B\\here\u001B]8;;\u001B\\",
  "\u001B[2J\u001B[H",
  "\u009B31m",
  "\u202Egnp.exe",
  "\u2066hidden\u2069",
  "a\u0008b\u007F",
];
const ATTACK = ATTACKS.join("");
/** Whatever a terminal obeys, but line feeds and tabs. */
const OBEYED = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u;

function answered(markdown: boolean, terminal: boolean, pieces: readonly string[]): string {
  let written = "";
  const writer = new AnswerWriter({
    write: (text) => (written += text),
    columns: () => 80,
    style: createStyle(abilitiesOf({}, {})),
    markdown,
    terminal,
    label: "",
  });
  for (const piece of pieces) writer.write(piece);
  writer.end();
  return written;
}

function session(title: string, text: string): StoredSession {
  const state = { title, started: { model: title, at: "2026-11-26T00:00:00Z" }, lastAt: undefined, turns: 1 };
  const message = { type: "ai", text };
  return { id: "20261126-000000-aaaa", state: { ...state, messages: [{ message }] } } as unknown as StoredSession;
}

describe("what a terminal would obey is shown and not obeyed", () => {
  it.each([true, false])("in an answer, whole or a character at a time (Markdown: %s)", (markdown) => {
    expect(answered(markdown, true, [ATTACK])).not.toMatch(OBEYED);
    expect(answered(markdown, true, Array.from(ATTACK))).not.toMatch(OBEYED);
  });

  it("in the title, the model and the words of a kept session", () => {
    const kept = session(`My ${ATTACK}`, `Said ${ATTACK}`);
    const words = textFor("en").cli;
    for (const text of [listText([kept], words), showText(kept, false, words), sessionLine(kept, words)])
      expect(text).not.toMatch(OBEYED);
  });

  it("in what a chat lists, and in its own sentences", () => {
    let written = "";
    const output = { write: (text: string) => (written += text) };
    const screen = new Screen({
      stdout: output,
      stderr: output,
      messages: textFor("en").chat,
      interactive: false,
      thinkMode: "show",
      markdown: false,
      abilities: abilitiesOf({}, {}),
    });
    screen.title(ATTACK);
    screen.entry(ATTACK, ATTACK);
    screen.note(ATTACK);
    screen.dim(ATTACK);
    screen.finding(ATTACK, ATTACK, ATTACK, ATTACK);
    screen.show({ type: "thinking", text: ATTACK });
    screen.show({ type: "preamble", text: ATTACK });
    expect(written).toContain("evil.example");
    expect(written).not.toMatch(OBEYED);
  });

  it("in a failure that a server has worded", () => {
    const failure = new GptOssError("model-failed", `The server said: ${ATTACK}`, { hint: `Ask ${ATTACK}` });
    expect(describeError(failure, "en")).not.toMatch(OBEYED);
    expect(describeError(new Error(ATTACK), "en")).not.toMatch(OBEYED);
  });

  it("in the answers and names of an experiment", async () => {
    const results = await makeResults({
      variants: [`one ${ATTACK}`, `two ${ATTACK}`],
      cases: 2,
      repeats: 1,
      answer: ({ variant }) => ({ final: `${variant.slice(0, 3)} ${ATTACK}` }),
    });
    expect(render(results, "table")).not.toMatch(OBEYED);
    const diff = renderDiff(results, { all: true, colour: false });
    expect(diff).toContain("evil.example");
    expect(diff).not.toMatch(OBEYED);
  });

  it("but stays in a pipe as the model wrote it", () => {
    expect(answered(false, false, [ATTACK])).toBe(`${ATTACK}\n`);
  });
});

describe("a link of an answer", () => {
  /** What is written, without the look of it. */
  const link = (text: string, address: string) => {
    let written = "";
    const writer = new AnswerWriter({
      write: (piece) => (written += piece),
      columns: () => 200,
      style: createStyle({ colour: true, redraw: true, hyperlinks: true }),
      markdown: true,
      terminal: true,
      label: "",
    });
    writer.write(`[${text}](${address})\n`);
    writer.end();
    return written.replaceAll(/\p{Cc}\[\d*m/gu, "");
  };

  it.each(["javascript:alert(1)", "file:///etc/passwd", "ssh://evil.example", "vscode://x", "data:text/html,x"])(
    "is no link to click with another scheme than the web's and mail's: %s",
    (address) => {
      expect(link("here", address)).not.toContain("\u001B]8;");
      expect(link("here", address)).toContain(address);
    },
  );

  it("says where it leads when its text looks like another address", () => {
    expect(link("https://bank.example", "https://evil.example")).toContain(" (https://evil.example)");
    expect(link("bank.example", "https://evil.example")).toContain(" (https://evil.example)");
    expect(link("the bank", "https://bank.example/a")).not.toContain("(https://bank.example/a)");
  });
});
