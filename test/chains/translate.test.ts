import { describe, expect, it } from "@jest/globals";
import { createTranslator } from "../../chains/index.ts";
import { answeringModel } from "./support.ts";

const countTokens = (text: string) => Promise.resolve(text.length);

const DOCUMENT = `# Title

Run \`npm start\` and see https://example.com/docs.

\`\`\`sh
npm start
\`\`\`

The last one.
`;

describe("translate", () => {
  it("sends prose and never code, and keeps the document's form", async () => {
    const { model, seen } = answeringModel((question) => question.toUpperCase());
    const translated = await createTranslator({ model, to: "Japanese", countTokens }).invoke(DOCUMENT);
    expect(translated).toBe(
      "# TITLE\n\nRUN `npm start` AND SEE https://example.com/docs.\n\n```sh\nnpm start\n```\n\nTHE LAST ONE.\n",
    );
    expect(seen.questions.join("")).not.toContain("npm");
    expect(seen.questions).toHaveLength(2);
  });

  it("gives the model the language, and the terms of the glossary that occur in the piece", async () => {
    const { model } = answeringModel((question) => question);
    await createTranslator({ model, to: "Japanese", glossary: { Title: "題名", Unused: "x" }, countTokens }).invoke(
      "# Title\n",
    );
    const system = model.calls[0]?.messages[0]?.text;
    expect(system).toContain("into Japanese");
    expect(system).toContain("Title → 題名");
    expect(system).not.toContain("Unused");
  });

  it("asks again for a piece that lost code, and leaves it as it was when that happens twice", async () => {
    let times = 0;
    const careless = answeringModel((question) => (times++ === 0 ? "lost" : question));
    const notices: string[] = [];
    const onNotice = (sentence: string) => notices.push(sentence);
    const options = { to: "German", countTokens, onNotice };
    expect(await createTranslator({ model: careless.model, ...options }).invoke("Use `a`.")).toBe("Use `a`.");
    expect(notices).toEqual([]);
    const hopeless = answeringModel(() => "lost");
    expect(await createTranslator({ model: hopeless.model, ...options }).invoke("Use `a`.")).toBe("Use `a`.");
    expect(notices).toEqual([expect.stringContaining("Use `a`.")]);
    expect(hopeless.seen.questions).toHaveLength(2);
  });

  it.each([
    ["headings", "# One\n\nText.\n", "One\n\nText.\n"],
    ["headings", "## One\n\nText.\n", "# One\n\nText.\n"],
    ["lists", "- a\n- b\n", "- a and b\n"],
    ["lists", "- a\n  - b\n- c\n", "- a\n- b\n- c\n"],
    ["lists", "1. a\n2. b\n", "- a\n- b\n"],
    ["lists", "Only words.\n", "- Only words.\n"],
    ["tables", "| a | b |\n|---|---|\n| 1 | 2 |\n", "| a | b |\n|---|---|\n"],
    ["quotes", "> said\n", "said\n"],
    ["code blocks", "Words.\n", "```\nWords.\n```\n"],
    ["links", "See [here](https://a.example).\n", "See here (⟦1⟧).\n"],
    ["code, an address or a placeholder", "Dear {{name}},\n", "Dear name,\n"],
    ["everything", "Words.\n", " "],
  ])("asks once more for a piece that lost its %s (%j), then leaves it and says so", async (lost, document, broken) => {
    const notices: string[] = [];
    const options = { to: "German", countTokens, onNotice: (sentence: string) => notices.push(sentence) };
    let times = 0;
    const careless = answeringModel((question) => (times++ === 0 ? broken : question));
    expect(await createTranslator({ model: careless.model, ...options }).invoke(document)).toBe(document);
    expect([careless.seen.questions.length, notices]).toEqual([2, []]);
    const hopeless = answeringModel(() => broken);
    expect(await createTranslator({ model: hopeless.model, ...options }).invoke(document)).toBe(document);
    expect(hopeless.seen.questions).toHaveLength(2);
    expect(notices).toEqual([expect.stringContaining(`since its translation lost ${lost}: `)]);
  });

  it("lets words, and links inside of them, change their order", async () => {
    const document = "# T\n\n- [a](https://a.example) and ![b](b.png)\n- *c*\n";
    const { model } = answeringModel(() => "# U\n\n- ![B](⟦2⟧) und [A](⟦1⟧)\n- C");
    const notices: string[] = [];
    const chain = createTranslator({
      model,
      to: "German",
      countTokens,
      onNotice: (sentence) => notices.push(sentence),
    });
    expect(await chain.invoke(document)).toBe("# U\n\n- ![B](b.png) und [A](https://a.example)\n- C\n");
    expect(notices).toEqual([]);
  });

  it("translates a long document side by side, and gives the pieces in order as they come", async () => {
    const { model, seen } = answeringModel(async (question) => {
      // the first takes longest
      await new Promise((resolve) => setTimeout(resolve, question.startsWith("0") ? 30 : 1));
      return question.toUpperCase();
    });
    const document = Array.from({ length: 6 }, (_, index) => `${index} paragraph of words\n\n`).join("");
    const pieces: string[] = [];
    const chain = createTranslator({ model, to: "German", pieceTokens: 25, concurrency: 3, countTokens });
    for await (const piece of await chain.stream(document)) pieces.push(piece);
    expect(pieces.join("")).toBe(document.toUpperCase());
    expect(pieces.length).toBeGreaterThan(5);
    expect(seen.most).toBe(3);
  });

  it("gives back what holds nothing to translate", async () => {
    const { model, seen } = answeringModel(() => "x");
    expect(await createTranslator({ model, to: "German", countTokens }).invoke("```\na\n```\n")).toBe("```\na\n```\n");
    expect(await createTranslator({ model, to: "German", countTokens }).invoke("")).toBe("");
    expect(seen.questions).toEqual([]);
  });
});
