import { describe, expect, it } from "@jest/globals";
import { textFor } from "../../src/i18n/catalogue.ts";
import { Screen } from "../../src/chat/screen.ts";
import { emulate } from "./support/emulated-screen.ts";

function screenOf(columns: number, language: "en" | "ja" = "en") {
  let written = "";
  const output = { isTTY: true, columns, write: (text: string) => (written += text) };
  const screen = new Screen({
    stdout: output,
    stderr: output,
    messages: textFor(language).chat,
    interactive: true,
    thinkMode: "hide",
    markdown: true,
    abilities: { colour: false, redraw: true, hyperlinks: false },
  });
  return { screen, lines: async () => (await emulate(written, columns)).lines };
}

const done = { outcome: "answered", question: "", thinking: "", preamble: "", calls: [], figures: {} } as const;

describe("the screen", () => {
  it("puts what is said of an entry beside it, and below it where the window is narrow", async () => {
    const wide = screenOf(60);
    wide.screen.entry("/effort [low|medium|high]", "推論の強さ");
    expect(await wide.lines()).toEqual(["  /effort [low|medium|high]  推論の強さ"]);
    const narrow = screenOf(40);
    narrow.screen.entry("/effort [low|medium|high]", "考える時間の長さをこの中から選びます。いつでも変えられます");
    expect(await narrow.lines()).toEqual([
      "  /effort [low|medium|high]",
      "      考える時間の長さをこの中から選びま",
      "      す。いつでも変えられます",
    ]);
  });

  it("keeps the label of an answer that begins with a table", async () => {
    const { screen, lines } = screenOf(40);
    screen.show({ type: "text", text: "| a | b |\n|---|---|\n| 1 | 2 |" });
    await new Promise((resolve) => setTimeout(resolve, 400));
    screen.endAnswer({ ...done, text: "…" });
    expect(await lines()).toEqual(["Assistant: ", "a │ b", "──┼──", "1 │ 2"]);
  });

  it("moves a word beside its label too", async () => {
    const { screen, lines } = screenOf(20);
    for (const text of ["twelve ", "lett", "ers"]) screen.show({ type: "text", text });
    screen.endAnswer({ ...done, text: "…" });
    expect(await lines()).toEqual(["Assistant: twelve", "letters"]);
  });
});
