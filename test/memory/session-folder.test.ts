import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { findFolded, searchSessions } from "../../src/memory/session-folder.ts";
import { Session } from "../../src/memory/session.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-search-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const found = (text: string, query: string) => findFolded(text, query).map(({ start, end }) => text.slice(start, end));

describe("findFolded", () => {
  it.each([
    ["今日の天気は？", "天気", ["天気"]],
    ["テンキを見る。ﾃﾝｷも。", "ﾃﾝｷ", ["テンキ", "ﾃﾝｷ"]],
    ["ﾊﾟｿｺﾝとﾃﾞﾝｷ", "パソコン", ["ﾊﾟｿｺﾝ"]],
    ["ﾊﾟｿｺﾝとﾃﾞﾝｷ", "電気", []],
    ["Weather, WEATHER and ｗｅａｔｈｅｒ", "Weather", ["Weather", "WEATHER", "ｗｅａｔｈｅｒ"]],
    ["10㎏ and ①", "kg", ["㎏"]],
    ["caf\u0065\u0301", "café", ["caf\u0065\u0301"]],
    ["𠮷野家", "𠮷", ["𠮷"]],
    ["anything", "", []],
  ])("finds in %j the words %j", (text, query, expected) => {
    expect(found(text, query)).toEqual(expected);
  });
});

describe("searchSessions", () => {
  it("finds every message with the words, and none that was undone", async () => {
    for (const [id, texts] of [
      ["a", ['She said "天気" \\ twice', "ﾃﾝｷ予報"]],
      ["b", ["Nothing", "A テンキ forecast"]],
    ] as const) {
      const session = await Session.open({ folder, id });
      session.addMessage(new HumanMessage(texts[0]));
      session.addMessage(new AIMessage(texts[1]));
      session.close();
    }
    const idsOf = (query: string) => [...searchSessions(folder, query)].map(({ id, kind }) => `${id} ${kind}`);
    expect(idsOf("テンキ")).toEqual(["b ai", "a ai"]);
    expect(idsOf('"天気" \\')).toEqual(["a human"]);
    expect(idsOf("  ")).toEqual([]);
    expect(idsOf("seq")).toEqual([]);
    const session = await Session.open({ folder, id: "b" });
    session.append({ type: "undone", seq: 2 });
    session.close();
    expect(idsOf("テンキ")).toEqual(["a ai"]);
  });
});
