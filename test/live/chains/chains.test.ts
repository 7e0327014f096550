import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import {
  createDocumentQA,
  createComparison,
  createConversation,
  createExtractor,
  createRouter,
  createSummarizer,
  createTranslator,
} from "../../../chains/index.ts";
import { type ChatGptOss } from "../../../src/index.ts";
import { parsePrompt } from "../../../src/prompts/prompts.ts";
import { liveModel } from "../support/live-model.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

let server: LiveServer;
let model: ChatGptOss;
let folder: string;
beforeAll(async () => {
  server = await startLiveServer();
  model = await liveModel(server);
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-chains-"));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A prompt in words that the demo model was trained on. */
function promptOf(body: string) {
  return parsePrompt(`---\nname: plain\nvariables: [text]\n---\n${body}`, "plain.md");
}

describe("extract", () => {
  const schema = z.object({ name: z.string(), age: z.number().int() });

  it("gives the object, growing as it streams", async () => {
    const objects: unknown[] = [];
    for await (const object of await createExtractor({ model, schema }).stream("Alice is 30 years old."))
      objects.push(object);
    expect(objects.at(-1)).toEqual({ name: "Alice", age: 30 });
    expect(objects.length).toBeGreaterThan(2);
    expect(objects).toContainEqual({ name: "Alice" });
  });

  it("keeps to the schema whatever it is asked", async () => {
    expect(schema.safeParse(await createExtractor({ model, schema }).invoke("こんにちは")).success).toBe(true);
  });
});

describe("summarize", () => {
  const prompt = promptOf("Summarize the conversation:\n\n{{text}}");

  it("reads a long text in pieces of the server's own tokens, and then their summaries", async () => {
    const chatSession = ["My name is Alice.", "I live in Paris.", "My favorite color is teal.", "My pet is a cat."];
    const text = chatSession.map((line) => `Human: ${line}\nAI: I will remember it.\n\n`).join("");
    const tokens = await model.getNumTokens(text);
    const all: number[] = [];
    const chain = createSummarizer({
      model,
      prompt,
      pieceTokens: Math.ceil(tokens / 2),
      onProgress: (_done, of) => all.push(of),
    });
    expect(await chain.invoke(text)).toMatch(/\w/);
    expect(all.length).toBeGreaterThanOrEqual(2);
    const whole: string[] = [];
    for await (const piece of await createSummarizer({ model, prompt }).stream(
      chatSession
        .slice(0, 1)
        .map((line) => `Human: ${line}`)
        .join(),
    ))
      whole.push(piece);
    expect(whole.join("")).toContain("Alice");
    expect(whole.length).toBeGreaterThan(2);
  });
});

describe("translate", () => {
  it("takes prose through the model and leaves code alone", async () => {
    // for the demo model, which knows no languages, to repeat is to translate
    const prompt = promptOf("Repeat: {{text}}");
    const document = "```sh\nnpm start\n```\n\ngood morning\n";
    expect(await createTranslator({ model, to: "Japanese", prompt }).invoke(document)).toBe(document);
  });
});

describe("askFiles", () => {
  it("answers from the files, and names file and lines", async () => {
    await writeFile(join(folder, "me.md"), "# Me\n\nThe user's name is Alice.\n");
    await writeFile(join(folder, "other.md"), "Nothing of interest.\n");
    const answer = await createDocumentQA({ model, path: folder }).invoke("What is my name?");
    expect(answer).toBe("Your name is Alice.\n\n[1] me.md:1-3");
  });
});

describe("route", () => {
  it("chooses one of the names, and streams that chain", async () => {
    const chain = createConversation({ model });
    const chosen: string[] = [];
    const routes = { numbers: { when: "numbers", chain }, talk: { when: "anything else", chain } };
    const answer = await createRouter({ model, routes, onRoute: (name) => chosen.push(name) }).invoke("Hello");
    expect(["numbers", "talk"]).toContain(chosen[0]);
    expect(answer).toBe("Hello! How can I help you?");
  });
});

describe("compare", () => {
  it("asks each variant", async () => {
    const variants = {
      low: createConversation({ model: model.withConfig({ effort: "low" }) }),
      high: createConversation({ model: model.withConfig({ effort: "high" }) }),
    };
    expect(await createComparison({ variants }).invoke("Hello")).toMatchObject([
      { variant: "low", text: "Hello! How can I help you?" },
      { variant: "high", text: "Hello! How can I help you?" },
    ]);
  });
});

describe("every chain", () => {
  it("ends with its signal", async () => {
    const signal = AbortSignal.abort();
    const chains = [
      createSummarizer({ model }),
      createTranslator({ model, to: "Japanese" }),
      createDocumentQA({ model, path: folder }),
      createRouter({ model, routes: { talk: { when: "always", chain: createConversation({ model }) } } }),
      createComparison({ variants: { one: createConversation({ model }) } }),
    ];
    for (const chain of chains) await expect(chain.invoke("Hello", { signal })).rejects.toThrow(/abort/i);
  });
});
