import { mkdtemp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { chunkLines, formatCitation, DocumentIndex, loadDocuments } from "../../src/documents/document-index.ts";
import { searchWords } from "../../src/tools/search-index.ts";

describe("searchWords", () => {
  it("gives words, and pairs of characters where no spaces are written", () => {
    expect(searchWords("Hello, ＷＯＲＬＤ 2!")).toEqual(["hello", "world", "2"]);
    expect(searchWords("東京都の天気")).toEqual(["東京", "京都", "都の", "の天", "天気"]);
    expect(searchWords("サーバーを再起動する。猫")).toEqual([
      "サー",
      "ーバ",
      "バー",
      "ーを",
      "を再",
      "再起",
      "起動",
      "動す",
      "する",
      "猫",
    ]);
    expect(searchWords("gpt-oss を使う")).toEqual(["gpt", "oss", "を使", "使う"]);
    expect(searchWords("ｻｰﾊﾞｰ")).toEqual(searchWords("サーバー"));
    expect(searchWords("")).toEqual([]);
  });
});

describe("chunkLines", () => {
  it("cuts at headings, and says which lines a chunk has", () => {
    const text = "# One\na\n\n# Two\nb\n";
    const chunks = chunkLines({ path: "a.md", text });
    expect(chunks.map(formatCitation)).toEqual(["a.md:1-3", "a.md:4-5"]);
    expect(chunks.map((chunk) => chunk.text)).toEqual(["# One\na\n", "# Two\nb"]);
  });

  it("covers every line that holds something, once", () => {
    const lines = Array.from({ length: 500 }, (_, index) => (index % 7 === 0 ? "" : `line ${index} 日本語`));
    const chunks = chunkLines({ path: "a", text: lines.join("\n") });
    const covered = chunks.flatMap(({ fromLine, toLine }) => lines.slice(fromLine - 1, toLine));
    expect(covered.filter((line) => line !== "")).toEqual(lines.filter((line) => line !== ""));
    for (const { text, fromLine, toLine } of chunks) expect(text).toBe(lines.slice(fromLine - 1, toLine).join("\n"));
  });
});

const FILES = [
  { path: "weather.md", text: "# 天気\n東京都の明日の天気は晴れです。\n" },
  { path: "server.md", text: "# Server\nサーバーを再起動するには systemctl restart を使います。\n" },
  { path: "coffee.md", text: "# Coffee\nThe roaster is cleaned on Fridays with brushes.\n" },
];

describe("DocumentIndex", () => {
  it.each([
    ["明日、東京は晴れますか？", "weather.md"],
    ["再起動の方法", "server.md"],
    ["ｻｰﾊﾞｰ", "server.md"],
    ["When do you clean the roasters?", "coffee.md"],
    ["FRIDAY brush", "coffee.md"],
    ["weather", "weather.md"],
  ])("finds for %j", async (question, path) => {
    expect((await new DocumentIndex(FILES).search(question, 1))[0]?.path).toBe(path);
  });

  it("finds nothing where no word fits", async () => {
    expect(await new DocumentIndex(FILES).search("xylophone", 3)).toEqual([]);
  });

  it("finds by meaning too, and reads the files for that once", async () => {
    let documents = 0;
    const meaning = (text: string) => (/coffee|espresso/i.test(text) ? [1, 0] : [0, 1]);
    const index = new DocumentIndex(FILES, {
      embedDocuments: (texts) => {
        documents++;
        return Promise.resolve(texts.map(meaning));
      },
      embedQuery: (text) => Promise.resolve(meaning(text)),
    });
    expect((await index.search("espresso", 1))[0]?.path).toBe("coffee.md");
    expect((await index.search("espresso 天気", 2)).map(({ path }) => path)).toContain("weather.md");
    expect(documents).toBe(1);
  });
});

describe("readDocuments", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "gpt-oss-documents-"));
    await mkdir(join(folder, "sub"));
    await writeFile(join(folder, "a.md"), "A");
    await writeFile(join(folder, "sub", "b.md"), "B");
    await writeFile(join(folder, "c.bin"), new Uint8Array([0, 1]));
    await writeFile(join(folder, ".hidden"), "secret");
    await symlink("/etc/passwd", join(folder, "link"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it("reads a folder's text files, and one file", async () => {
    expect(await loadDocuments(folder)).toEqual([
      { path: "a.md", text: "A" },
      { path: "sub/b.md", text: "B" },
    ]);
    expect(await loadDocuments(join(folder, "a.md"))).toEqual([{ path: "a.md", text: "A" }]);
  });

  it("says that there is nothing to read", async () => {
    await expect(loadDocuments(join(folder, "none"))).rejects.toMatchObject({ code: "usage" });
    await expect(loadDocuments(join(folder, "c.bin"))).rejects.toThrow(/is not a text file/);
    await mkdir(join(folder, "empty"));
    await expect(loadDocuments(join(folder, "empty"))).rejects.toThrow(/no text files/);
  });
});
