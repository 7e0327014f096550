import { PassThrough } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import { approvalGate } from "../../src/tools/approval.ts";
import { approveByLine, askOnTerminal } from "../../src/tools/ask-on-terminal.ts";
import { answering } from "./support/call-tool.ts";

const request = { tool: "write_file", question: "Change a.md?", scope: "write_file" };

describe("the gate", () => {
  it("shows nothing of the model's or a server's that a terminal would obey", async () => {
    let asked: unknown;
    const gate = approvalGate((shown) => {
      asked = shown;
      return Promise.resolve("refused");
    });
    const attack = "a\u001B[2J";
    await gate({ tool: attack, question: attack, detail: attack, scope: attack });
    expect(JSON.stringify(asked)).not.toContain("u001b");
  });

  it("remembers what was allowed for the session, by scope", async () => {
    const approve = answering("session", "refused");
    const gate = approvalGate(approve);
    expect(await gate(request)).toBe(true);
    expect(await gate(request)).toBe(true);
    expect(approve.asked).toHaveLength(1);
    expect(await gate({ ...request, scope: "remember" })).toBe(false);
  });

  it("asks each time where nothing is to be remembered, whatever was answered", async () => {
    const approve = answering("session", "session", "refused");
    const gate = approvalGate(approve);
    const each = { ...request, scope: undefined };
    expect([await gate(each), await gate(each), await gate(each)]).toEqual([true, true, false]);
  });

  it("asks one question at a time, and the second not at all when the first allowed it for the session", async () => {
    let open = 0;
    let most = 0;
    let asked = 0;
    const gate = approvalGate(async () => {
      asked++;
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open--;
      return "session";
    });
    expect(await Promise.all([gate(request), gate(request), gate(request)])).toEqual([true, true, true]);
    expect([most, asked]).toEqual([1, 1]);
  });

  it("refuses when the turn was stopped before or while it was asked", async () => {
    const stop = new AbortController();
    const gate = approvalGate(() => {
      stop.abort();
      return Promise.resolve("once");
    });
    expect(await gate({ ...request, signal: stop.signal })).toBe(false);
    expect(await gate({ ...request, signal: AbortSignal.abort() })).toBe(false);
  });

  it("goes on asking after an approver has failed", async () => {
    let times = 0;
    const gate = approvalGate(() => (times++ === 0 ? Promise.reject(new Error("no screen")) : Promise.resolve("once")));
    await expect(gate(request)).rejects.toThrow("no screen");
    expect(await gate(request)).toBe(true);
  });

  it("shows nothing that steers the terminal or hides", async () => {
    const approve = answering("refused");
    await approvalGate(approve)({ ...request, question: "a\u001B[2Jb\nc\u202E", detail: "x\u001B]0;t\u0007\ny\tz" });
    expect(approve.asked[0]).toMatchObject({
      question: String.raw`a\u{1b}[2Jb\u{a}c\u{202e}`,
      detail: `x${String.raw`\u{1b}`}]0;t${String.raw`\u{7}`}\ny\tz`,
    });
  });
});

describe("asking by line", () => {
  const ask = async (line: string | undefined, scope: string | undefined = "write_file") =>
    await approveByLine(
      () => Promise.resolve(line),
      () => undefined,
    )({ ...request, scope });

  it.each([
    ["y", "once"],
    ["Yes", "once"],
    ["はい", "once"],
    ["ｙ", "once"],
    ["a", "session"],
    ["", "refused"],
    ["n", "refused"],
    ["yes please", "refused"],
    [undefined, "refused"],
  ])("takes %j for %s", async (line, answer) => {
    expect(await ask(line)).toBe(answer);
  });

  it("does not offer always where each time is asked", async () => {
    const questions: string[] = [];
    const approve = approveByLine(
      (question) => {
        questions.push(question);
        return Promise.resolve("a");
      },
      () => undefined,
    );
    expect(await approve({ ...request, scope: undefined })).toBe("refused");
    expect(questions).toEqual(["Change a.md? [y/N] "]);
  });
});

describe("asking on a terminal", () => {
  function terminal() {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = new PassThrough();
    let shown = "";
    output.on("data", (chunk: Buffer) => (shown += chunk.toString()));
    return { input, output, shown: () => shown };
  }

  it("refuses without a terminal", async () => {
    expect(await askOnTerminal({ input: new PassThrough(), output: new PassThrough() })(request)).toBe("refused");
  });

  it.each([
    ["y\r", "once"],
    ["a\r", "session"],
    ["\r", "refused"],
    ["\u0003", "refused"],
    ["y\u0003", "refused"],
    ["\u0004", "refused"],
  ])("reads %j as %s, and lets the terminal go", async (typed, answer) => {
    const { input, output, shown } = terminal();
    const answered = askOnTerminal({ input, output })({ ...request, detail: "+ line" });
    setTimeout(() => input.write(typed), 5);
    expect(await answered).toBe(answer);
    expect(shown()).toContain("+ line");
    expect(input.listenerCount("keypress")).toBe(0);
  });

  it("takes the question away when the turn is stopped", async () => {
    const { input, output } = terminal();
    const stop = new AbortController();
    const answered = askOnTerminal({ input, output })({ ...request, signal: stop.signal });
    setTimeout(() => {
      stop.abort();
    }, 5);
    expect(await answered).toBe("refused");
  });
});
