import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { createSummarizer } from "../../../chains/index.ts";
import { createChatModel } from "../../../src/index.ts";
import { parsePrompt } from "../../../src/prompts/prompts.ts";

const slotsSchema = z.array(z.object({ is_processing: z.boolean() }));

describe("summarize on a server with several slots", () => {
  it("reads the parts of a long text side by side", async () => {
    await using model = await createChatModel({ model: "demo", slots: 3, sampling: { temperature: 0 } });
    const headers = { authorization: `Bearer ${String(model.apiKey)}`, connection: "close" };
    const url = new URL("/slots", model.baseUrl);
    const busy = async () => {
      const slots = slotsSchema.parse(await (await fetch(url, { headers })).json());
      return { all: slots.length, busy: slots.filter(({ is_processing }) => is_processing).length };
    };

    // an answer of some length, so that there is time to look
    const prompt = parsePrompt("---\nname: count\nvariables: [text]\n---\nCount to 60.\n\n{{text}}", "count.md");
    const text = Array.from({ length: 3 }, (_, index) => `${index} ${"word ".repeat(60)}\n\n`).join("");
    const pieceTokens = Math.ceil((await model.getNumTokens(text)) / 3) + 4;
    const running = createSummarizer({ model, prompt, pieceTokens, concurrency: 3 }).invoke(text);
    let most = 0;
    const looking = (async () => {
      for (let look = 0; look < 400 && most < 3; look++) {
        const seen = await busy();
        expect(seen.all).toBe(3);
        most = Math.max(most, seen.busy);
        await setTimeout(5);
      }
    })();
    expect(await running).not.toBe("");
    await looking;
    expect(most).toBeGreaterThan(1);
  });
});
