import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { PromptRequest } from "../../../src/experiment/plan/cell.ts";
import { promptTextId, readPromptTexts, RenderedPrompts } from "../../../src/experiment/plan/rendered-prompts.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-prompts-"));
  path = join(folder, "prompts.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ask = (content: string): PromptRequest => ({
  messages: [{ role: "user", content }],
  effort: "low",
  date: "2026-01-01",
  tools: [],
});

/** A server that writes one word before every prompt, and counts what it is asked. */
function serverWith(word: string, chatTemplate = "template") {
  const asked: string[] = [];
  return {
    asked,
    build: "b1",
    chatTemplate,
    inference: {
      renderPrompt: ({ messages }: { messages: readonly { content?: unknown }[] }) => {
        asked.push(String(messages[0]?.content));
        return Promise.resolve(`${word} ${String(messages[0]?.content)}`);
      },
    },
  };
}

async function renderAll(server: ReturnType<typeof serverWith>, words: readonly string[]): Promise<readonly string[]> {
  const prompts = await RenderedPrompts.open(path);
  await prompts.verify([ask(words[0] ?? "")], server);
  const texts = await Promise.all(words.map((word) => prompts.render(ask(word), server)));
  await prompts.save();
  return texts;
}

describe("rendered prompts", () => {
  it("are asked of the server once, apart from the ones that verify it", async () => {
    const server = serverWith("A");
    expect(await renderAll(server, ["x", "y", "x"])).toEqual(["A x", "A y", "A x"]);
    expect(server.asked).toEqual(["x", "y"]);
    expect(await renderAll(server, ["x", "y"])).toEqual(["A x", "A y"]);
    expect(server.asked).toEqual(["x", "y", "x"]);
  });

  it("are all rendered again when a server with the same template renders one differently", async () => {
    await renderAll(serverWith("A"), ["x", "y"]);
    const other = serverWith("B");
    expect(await renderAll(other, ["x", "y"])).toEqual(["B x", "B y"]);
    // what is found later is the newer text
    expect(await renderAll(other, ["x", "y"])).toEqual(["B x", "B y"]);
    expect(other.asked).toEqual(["x", "y", "x"]);
  });

  it("belong to one template", async () => {
    await renderAll(serverWith("A", "one"), ["x"]);
    const other = serverWith("B", "other");
    expect(await renderAll(other, ["x"])).toEqual(["B x"]);
    expect(await renderAll(serverWith("A", "one"), ["x"])).toEqual(["A x"]);
  });

  it("can be looked up by their text's id, earlier texts too, and survive a line that was cut", async () => {
    await renderAll(serverWith("A"), ["x"]);
    await appendFile(path, '{"version":1,"id":"4');
    await renderAll(serverWith("B"), ["x"]);
    const texts = await readPromptTexts(path);
    for (const text of ["A x", "B x"]) expect(texts.get(promptTextId(text))).toBe(text);
    expect(texts.size).toBe(2);
    expect((await readPromptTexts(join(folder, "none.jsonl"))).size).toBe(0);
  });
});
