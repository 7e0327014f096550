import { describe, expect, it } from "@jest/globals";
import { createSummarizer } from "../../chains/index.ts";
import { answeringModel } from "./support.ts";

const countTokens = (text: string) => Promise.resolve(text.length);
const textOf = (question: string) => question.slice(question.indexOf("\n\n") + 2);

describe("summarize", () => {
  it("asks once for a short text, and streams the answer", async () => {
    const { model, seen } = answeringModel(() => "Short.");
    expect(await createSummarizer({ model, words: 20 }).invoke("A text.")).toBe("Short.");
    expect(seen.questions).toHaveLength(1);
    expect(seen.questions[0]).toMatch(/at most 20 words.*\n\nA text\.$/s);
  });

  it("summarizes the parts of a long one side by side, in order, and then their summaries", async () => {
    const { model, seen } = answeringModel(async (question) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return textOf(question).slice(0, 2);
    });
    const progress: string[] = [];
    const chain = createSummarizer({
      model,
      pieceTokens: 50,
      concurrency: 3,
      countTokens,
      onProgress: (done, all) => progress.push(`${done}/${all}`),
    });
    const text = Array.from({ length: 8 }, (_, index) => `${index}${"x".repeat(45)}\n\n`).join("");
    expect(await chain.invoke(text)).toBe("0x");
    expect(seen.questions.map(textOf).at(-1)).toBe("0x\n\n1x\n\n2x\n\n3x\n\n4x\n\n5x\n\n6x\n\n7x");
    expect(seen.most).toBe(3);
    expect(progress).toEqual(["1/8", "2/8", "3/8", "4/8", "5/8", "6/8", "7/8", "8/8"]);
  });

  it("summarizes summaries as often as it takes, and ends with a model that shortens nothing", async () => {
    const { model, seen } = answeringModel((question) => textOf(question));
    const summary = await createSummarizer({ model, pieceTokens: 100, countTokens }).invoke("word ".repeat(100));
    expect(summary.length).toBeLessThan(500);
    expect(seen.questions.length).toBeLessThan(30);
  });

  it("gives up the other parts when one fails, and when it is stopped", async () => {
    const failing = answeringModel(async (question) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (textOf(question).startsWith("2")) throw new Error("server gone");
      return "ok";
    });
    const text = Array.from({ length: 20 }, (_, index) => `${index}${"x".repeat(45)}\n\n`).join("");
    const options = { pieceTokens: 50, concurrency: 2, countTokens };
    await expect(createSummarizer({ model: failing.model, ...options }).invoke(text)).rejects.toThrow("server gone");
    const asked = failing.seen.questions.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(failing.seen.questions.length).toBe(asked);
    expect(asked).toBeLessThan(8);

    const stop = new AbortController();
    const slow = answeringModel(async () => {
      stop.abort();
      return await Promise.resolve("ok");
    });
    await expect(
      createSummarizer({ model: slow.model, ...options }).invoke(text, { signal: stop.signal }),
    ).rejects.toThrow(/abort/i);
    expect(slow.seen.questions.length).toBeLessThan(5);
  });
});
