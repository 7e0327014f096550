import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { ChatGptOss } from "../../src/model/chat-gpt-oss.ts";
import { packageFile } from "../../src/platform/folders.ts";

/* The tables of docs/langchain-migration.md say which fields of ChatOpenAI the constructor takes. */

const [, page = ""] = readFileSync(packageFile("docs/langchain-migration.md"), "utf8").split("## From ChatOpenAI");
const rows = [...(page.split("Methods are the same")[0] ?? "").matchAll(/^\| (`.*?) +\| (.*?) +\|/gm)].flatMap(
  ([, names = "", here = ""]) => [...names.matchAll(/`([\w.]+)`/g)].map(([, name = ""]) => [name, here] as const),
);
/** Those that are options of a call, for both classes. */
const CALL_OPTIONS = new Set(["reasoningEffort"]);
const fields = rows.filter(([name]) => !CALL_OPTIONS.has(name));

function construct(name: string): ChatGptOss {
  const [outer = "", inner] = name.split(".");
  const value = VALUES[inner ?? outer] ?? 1;
  const given = inner === undefined ? { [outer]: value } : { [outer]: { [inner]: value } };
  return new ChatGptOss({ baseUrl: "http://127.0.0.1:1/v1", ...given });
}

const VALUES: Readonly<Record<string, unknown>> = {
  cache: false,
  callbacks: [],
  defaultHeaders: {},
  metadata: {},
  modelKwargs: {},
  reasoning: { effort: "low" },
  stop: [],
  stopSequences: [],
  tags: [],
};

describe("the fields of ChatOpenAI in docs/langchain-migration.md", () => {
  it("are many", () => {
    expect(fields.length).toBeGreaterThan(35);
  });

  it.each(fields.filter(([, here]) => here.startsWith("the same")))("are taken: %s", (name) => {
    expect(construct(name)).toBeInstanceOf(ChatGptOss);
  });

  it.each(fields.filter(([, here]) => here === "an error"))("are an error: %s", (name) => {
    expect(() => construct(name)).toThrow(expect.objectContaining({ code: "usage" }));
  });

  it("are all of one kind or the other", () => {
    expect(fields.filter(([, here]) => !here.startsWith("the same") && here !== "an error")).toEqual([]);
  });
});
