import { PassThrough } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import {
  approvalGate,
  type GatedAction,
  type ApprovalScreen,
  approveByLine,
  createTerminalApproval,
} from "../../src/tools/approval.ts";
import { answering } from "./support/call-tool.ts";

const QUESTION = { en: "Change a.md?", ja: "a.md を変更しますか？" };
const request = { tool: "write_file", question: QUESTION, scope: "write_file" };

describe("the gate", () => {
  it("shows nothing of the model's or a server's that a terminal would obey", async () => {
    let asked: unknown;
    const gate = approvalGate((shown) => {
      asked = shown;
      return Promise.resolve("refused");
    });
    const attack = "a\u001B[2J";
    await gate({ tool: attack, question: { en: attack, ja: attack }, detail: attack, scope: attack });
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
    const attack = "a\u001B[2Jb\nc\u202E";
    await approvalGate(approve)({
      ...request,
      question: { en: attack, ja: attack },
      detail: "x\u001B]0;t\u0007\ny\tz",
    });
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
    )({ ...request, question: QUESTION.en, scope });

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
    expect(await approve({ ...request, question: QUESTION.en, scope: undefined })).toBe("refused");
    expect(questions).toEqual(["Change a.md? [y/N] "]);
  });
});

describe("what is asked", () => {
  /** Everything that a person is shown before an answer, a page at a time, and how often there was one to turn. */
  async function shownFor(
    action: Partial<GatedAction>,
    { language = "en", rows = 24, columns = 80 }: Partial<ApprovalScreen> = {},
    answers: readonly string[] = [],
  ) {
    const pages: string[] = [];
    const questions: string[] = [];
    const approve = approveByLine(
      (line) => Promise.resolve(answers[questions.push(line) - 1] ?? ""),
      (text) => pages.push(text),
      { language, rows, columns },
    );
    const allowed = await approvalGate(approve, language)({ ...request, ...action });
    return { pages, questions, allowed, text: `${pages.join("")}${questions.at(-1) ?? ""}` };
  }

  const HIDDEN = [
    ["zero-width characters", "\u200B\u200C\u200D\u2060\uFEFF"],
    ["tags", String.fromCodePoint(0xe0001, 0xe0072, 0xe006d, 0xe007f)],
    ["variation selectors", `\uFE00\uFE0F${String.fromCodePoint(0xe0100, 0xe01ef)}`],
    ["directions", "\u202E\u2066\u200E\u061C"],
    ["control characters", "\u0000\u0008\u001B\u007F\u009B\r"],
    ["fillers", "\u115F\u1160\u3164\uFFA0\u180E\u034F\u00AD\u2800"],
    ["spaces", "\u00A0\u2003\u202F\u205F"],
    ["lines", "\u2028\u2029\u0085"],
    ["private and half characters", "\uE000\uD800"],
  ] as const;

  it.each(HIDDEN)("shows %s, in the question and in the details", async (_kind, characters) => {
    const text = `a${characters}b`;
    const { text: shown } = await shownFor({
      question: { en: text, ja: text },
      detail: text,
      scope: text,
      tool: text,
    });
    for (const character of characters) {
      expect(shown).not.toContain(character);
      expect(shown.split(`\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)).toHaveLength(4);
    }
  });

  it("leaves text as it is that hides nothing, with emoji, marks and wide spaces", async () => {
    const text = "日本語　ｶﾞ が é ❤️ 👨‍👩‍👧 👍🏽 ñ Tiếng Việt עִבְרִית";
    expect((await shownFor({ detail: text })).text).toContain(text);
  });

  it("shows a flood of marks as what it is", async () => {
    expect((await shownFor({ detail: `a${"\u0336".repeat(100)}` })).text).not.toMatch(/\u0336{8}/);
  });

  it.each(["en", "ja"] as const)(
    "shows all of it, page by page, and takes no yes before the last (%s)",
    async (language) => {
      const lines = Array.from({ length: 500 }, (_, index) => `+ line ${index}`);
      const answers = Array.from({ length: 100 }, () => "y");
      const asked = await shownFor({ detail: lines.join("\n") }, { language }, answers);
      expect(asked.allowed).toBe(true);
      expect(asked.pages.length).toBeGreaterThan(20);
      expect(asked.questions).toHaveLength(asked.pages.length);
      expect(asked.questions.at(-1)).toContain(QUESTION[language]);
      // the page, its question and nothing else fit on the screen together
      for (const page of asked.pages) expect(page.trimEnd().split("\n").length).toBeLessThanOrEqual(23);
      expect(asked.pages.join("").trimEnd().split("\n")).toEqual(lines.map((line) => `| ${line}`));
    },
  );

  it.each(["n", "いいえ", "Ｎ"])("is over when a page is answered with %s", async (answer) => {
    const asked = await shownFor({ detail: "x\n".repeat(100) }, {}, ["", answer, "y", "y", "y", "y", "y", "y"]);
    expect([asked.allowed, asked.pages.length]).toEqual([false, 2]);
  });

  it("shows all of a long line, each row marked, so that none can look like a question", async () => {
    const fake = `${" ".repeat(200)}Change a.md? [y/N] `;
    const asked = await shownFor({ detail: `echo ${fake}${"x".repeat(5_000)}; rm -rf ~` }, {}, Array(50).fill("y"));
    const rows = asked.pages.join("").trimEnd().split("\n");
    expect(rows.every((row) => /^[|:] /.test(row) && row.length < 80)).toBe(true);
    expect(rows.map((row) => row.slice(2)).join("")).toBe(`echo ${fake}${"x".repeat(5_000)}; rm -rf ~`);
  });

  it("shows a long question where it can be read from its beginning", async () => {
    const long = `Fetch https://evil.test/${"x".repeat(3_000)}?`;
    const asked = await shownFor({ question: { en: long, ja: long } }, {}, Array(50).fill("y"));
    const rows = asked.pages.join("").trimEnd().split("\n");
    expect(rows.map((row) => row.slice(2)).join("")).toBe(long);
    expect(asked.questions.at(-1)?.length).toBeLessThan(100);
  });

  it.each([
    ["lines", "x\n".repeat(2_001)],
    ["characters", "x".repeat(70_000)],
    ["characters that nobody sees", "\u200B".repeat(60_000)],
  ])("is refused unasked when it has too many %s", async (_what, detail) => {
    const approve = answering("once");
    await expect(approvalGate(approve)({ ...request, detail })).rejects.toMatchObject({ name: "ToolError" });
    expect(approve.asked).toEqual([]);
  });

  it("shows any text so that each character of it is seen, in the order that it has", async () => {
    const character = fc.oneof(
      fc.constantFrom(
        "a",
        "b",
        " ",
        "日",
        "\n",
        "\t",
        ...Array.from(HIDDEN.map(([, characters]) => characters).join("")),
      ),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(character, { maxLength: 200 }),
        fc.integer({ min: 20, max: 200 }),
        async (parts, columns) => {
          const detail = parts.join("");
          const answers = Array.from({ length: 300 }, () => "y");
          const { pages, allowed } = await shownFor({ detail }, { columns }, answers);
          expect(allowed).toBe(true);
          const shown = pages
            .join("")
            .split("\n")
            .map((row) => row.slice(2))
            .join("");
          expect(shown).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u200B\u2060\u{E0000}-\u{E01EF}]/u);
          const undone = shown.replaceAll(/\\u\{([0-9a-f]+)\}/g, (_all, code: string) =>
            String.fromCodePoint(Number.parseInt(code, 16)),
          );
          const plain = (text: string) => text.replaceAll(/[\n\t ]/g, "");
          expect(plain(undone)).toBe(plain(detail));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("asking on a terminal", () => {
  const asked = { ...request, question: QUESTION.en };

  function terminal() {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = new PassThrough();
    let shown = "";
    output.on("data", (chunk: Buffer) => (shown += chunk.toString()));
    return { input, output, shown: () => shown };
  }

  it("refuses without a terminal", async () => {
    expect(await createTerminalApproval({ input: new PassThrough(), output: new PassThrough() })(asked)).toBe(
      "refused",
    );
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
    const answered = createTerminalApproval({ input, output })({ ...asked, detail: "+ line" });
    setTimeout(() => input.write(typed), 5);
    expect(await answered).toBe(answer);
    expect(shown()).toContain("+ line");
    expect(input.listenerCount("keypress")).toBe(0);
  });

  it("takes the question away when the turn is stopped", async () => {
    const { input, output } = terminal();
    const stop = new AbortController();
    const answered = createTerminalApproval({ input, output })({ ...asked, signal: stop.signal });
    setTimeout(() => {
      stop.abort();
    }, 5);
    expect(await answered).toBe("refused");
  });
});
