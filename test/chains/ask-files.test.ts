import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createDocumentQA } from "../../chains/index.ts";
import type { Chunk } from "../../src/index.ts";
import { answeringModel } from "./support.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-ask-"));
  await writeFile(join(folder, "tea.md"), "# お茶\n\n緑茶は八十度のお湯で淹れます。\n");
  await writeFile(
    join(folder, "coffee.md"),
    "# Coffee\n\nCoffee is brewed at 93 degrees.\n\n# Milk\n\nMilk is steamed for coffee.\n",
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("askFiles", () => {
  it("shows the places that fit, and cites the file and lines of what the answer names", async () => {
    const { model } = answeringModel(() => "At 93 degrees [1].");
    const found: (readonly Chunk[])[] = [];
    const ask = createDocumentQA({ model, path: folder, onSources: (sources) => found.push(sources) });
    expect(await ask.invoke("How hot is coffee brewed?")).toBe("At 93 degrees [1].\n\n[1] coffee.md:1-4");
    expect(model.calls[0]?.messages[0]?.text).toContain(
      "[1] coffee.md:1-4\n# Coffee\n\nCoffee is brewed at 93 degrees.",
    );
    expect(found[0]?.map(({ path }) => path)).toEqual(["coffee.md", "coffee.md"]);
  });

  it("works in Japanese, and with the brackets that gpt-oss likes", async () => {
    const { model } = answeringModel(() => "八十度です【1】。");
    const answer = await createDocumentQA({ model, path: folder }).invoke("緑茶は何度で淹れますか？");
    expect(answer).toBe("八十度です【1】。\n\n[1] tea.md:1-3");
  });

  it("names everything that was found where nothing is cited, and nothing that was not found", async () => {
    const { model } = answeringModel(() => "Hot [7].");
    expect(await createDocumentQA({ model, path: folder, places: 1 }).invoke("coffee")).toMatch(
      /^Hot \[7\]\.\n\n\[1\] coffee\.md:\d/,
    );
    expect(await createDocumentQA({ model, path: folder }).invoke("xylophone")).toBe("Hot [7].");
    expect(model.calls.at(-1)?.messages[0]?.text).toContain("(nothing was found)");
  });

  it("finds by meaning what shares no word with the question, and continues with words alone when that fails", async () => {
    const isHot = (text: string) => [/degrees|八十度|warm/.test(text) ? 1 : 0, 0.1];
    const embeddings = {
      embedDocuments: (texts: string[]) => Promise.resolve(texts.map(isHot)),
      embedQuery: (text: string) => Promise.resolve(isHot(text)),
    };
    const { model } = answeringModel(() => "It is.");
    const found: (readonly Chunk[])[] = [];
    const notices: string[] = [];
    const common = {
      model,
      path: folder,
      places: 1,
      onSources: (sources: readonly Chunk[]) => found.push(sources),
      onNotice: (sentence: string) => notices.push(sentence),
    };
    await createDocumentQA({ ...common, embeddings }).invoke("Anything warm?");
    await createDocumentQA({ ...common, embeddings: false }).invoke("Anything warm?");
    const broken = { ...embeddings, embedDocuments: () => Promise.reject(new Error("input is too large\nmore")) };
    const ask = createDocumentQA({ ...common, embeddings: broken });
    expect(await ask.invoke("coffee")).toMatch(/^It is\.\n\n\[1\] coffee\.md/);
    await ask.invoke("coffee");
    expect(found.map((sources) => sources.length)).toEqual([1, 0, 1, 1]);
    expect(notices).toEqual(["The files are searched by words alone, since the embeddings failed: input is too large"]);
  });

  it("reports missing files before it asks", async () => {
    const { model } = answeringModel(() => "x");
    await expect(createDocumentQA({ model, path: join(folder, "none") }).invoke("?")).rejects.toMatchObject({
      code: "usage",
    });
    expect(model.calls).toEqual([]);
  });
});
