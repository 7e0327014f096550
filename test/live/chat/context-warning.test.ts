import { afterEach, describe, expect, it } from "@jest/globals";
import { Terminal } from "../support/terminal.ts";

let chat: Terminal | undefined;
afterEach(() => {
  chat?.kill();
});

describe("a context that fills up", () => {
  it("causes one warning, before a summary replaces anything", async () => {
    chat = new Terminal(["chat", "--model", "demo", "--context", "320", "--no-save"]);
    await chat.expect(/You: /);
    for (let turn = 0; turn < 9 && !chat.text.includes("too long for the context"); turn++) {
      chat.type("Count to 12.\r");
      await chat.expect(/Assistant: [\s\S]*You: /);
    }
    const warnings = chat.text.match(/The context is \d+% full/g) ?? [];
    expect(warnings).toHaveLength(1);
    expect(chat.text.indexOf("The context is")).toBeLessThan(chat.text.indexOf("too long for the context"));
    chat.type("/context\r");
    await chat.expect(/\d+ of \d+ tokens \(\d+%\)\n\[/);
  });
});
