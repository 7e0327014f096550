import { expect, it } from "@jest/globals";
import { DocumentIndex, DocumentRetriever } from "../../src/index.ts";

const index = new DocumentIndex([
  { path: "cats.md", text: "# Cats\n\nA cat says meow.\n" },
  { path: "dogs.md", text: "# Dogs\n\nA dog barks.\n" },
  { path: "猫.md", text: "吾輩は猫である。\n" },
]);

it("finds passages as documents, with the file and the lines", async () => {
  const retriever = new DocumentRetriever({ index, k: 1 });
  expect(await retriever.invoke("What does a cat say?")).toEqual([
    expect.objectContaining({
      pageContent: expect.stringContaining("meow"),
      metadata: { source: "cats.md", loc: { lines: { from: 1, to: 3 } } },
    }),
  ]);
  const [japanese] = await retriever.invoke("吾輩は猫か？");
  expect(japanese?.metadata.source).toBe("猫.md");
});

it("is a runnable with callbacks, tags and a limit", async () => {
  const names: string[] = [];
  const retriever = new DocumentRetriever({ index, tags: ["own"] });
  const handleRetrieverStart = (...given: unknown[]) => void names.push(JSON.stringify(given));
  const found = await retriever
    .pipe((documents) => documents.length)
    .invoke("cat dog", {
      callbacks: [{ handleRetrieverStart }],
    });
  expect(found).toBe(2);
  expect(names.join()).toMatch(/"own"/);
});
