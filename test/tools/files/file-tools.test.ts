import { chmod, mkdir, readFile, stat } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { type AgentTool, type Approve, createTools } from "../../../src/index.ts";
import { searchFilesTool } from "../../../src/tools/files/file-tools.ts";
import { ToolFolder } from "../../../src/tools/files/tool-folder.ts";
import { watchEventLoop } from "../support/event-loop.ts";
import { answering, callTool } from "../support/call-tool.ts";
import { type FileFolder, makeFileFolder } from "../support/file-folder.ts";

let folder: FileFolder;
beforeEach(async () => {
  folder = await makeFileFolder();
});
afterEach(async () => {
  await folder.remove();
});

async function tools(approve?: Approve): Promise<readonly AgentTool[]> {
  const { tools: made } = await createTools([{ kind: "files", path: folder.root }], { approve });
  return made;
}

async function call(name: string, input: unknown, approve?: Approve): Promise<string> {
  return await callTool(await tools(approve), name, input);
}

describe("read_file", () => {
  it("gives lines with their numbers", async () => {
    await folder.write("sub/notes.md", "one\r\ntwo\nthree\n");
    expect(await call("read_file", { path: "sub/notes.md" })).toBe("1\tone\n2\ttwo\n3\tthree");
    expect(await call("read_file", { path: folder.path("sub/notes.md"), from_line: 3 })).toBe("3\tthree");
    expect(await call("read_file", { path: "sub/notes.md", from_line: 9 })).toBe("Error: The file has 3 lines.");
  });

  it("gives a long file page by page, each line once", async () => {
    const lines = Array.from({ length: 3_000 }, (_, index) => `これは${index + 1}行目です。`);
    await folder.write("long.txt", lines.join("\n"));
    const seen: string[] = [];
    for (let from: number | undefined = 1; from !== undefined;) {
      const page = await call("read_file", { path: "long.txt", from_line: from });
      expect(Buffer.byteLength(page)).toBeLessThanOrEqual(16_384);
      const next = /\[cut: read on with from_line (\d+) of 3000\]$/.exec(page)?.[1];
      seen.push(...page.split("\n").filter((line) => !line.startsWith("[")));
      from = next === undefined ? undefined : Number(next);
    }
    expect(seen).toEqual(lines.map((line, index) => `${index + 1}\t${line}`));
  });

  it("cuts a line that no page can hold", async () => {
    await folder.write("wide.txt", `${"x".repeat(100_000)}\nsecond`);
    expect(await call("read_file", { path: "wide.txt" })).toMatch(
      /x \[the rest of line 1 is cut\]\n\[cut: read on with from_line 2 of 2\]$/,
    );
  });

  it("reads what Japanese files are written in", async () => {
    await folder.write("sjis.txt", Uint8Array.from([0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea, 0x0a]));
    await folder.write("utf16.txt", Uint8Array.from([0xff, 0xfe, 0xe5, 0x65, 0x2c, 0x67]));
    expect(await call("read_file", { path: "sjis.txt" })).toBe("1\t日本語");
    expect(await call("read_file", { path: "utf16.txt" })).toBe("1\t日本");
  });

  it("says what can't be read", async () => {
    await folder.write("picture.png", Uint8Array.from([137, 80, 78, 71, 0, 1]));
    await folder.write("empty.txt", "");
    expect(await call("read_file", { path: "picture.png" })).toBe("Error: picture.png is not a text file.");
    expect(await call("read_file", { path: "empty.txt" })).toBe("[the file is empty]");
    expect(await call("read_file", { path: "nothing.txt" })).toBe("Error: nothing.txt does not exist.");
    expect(await call("read_file", { path: "sub" })).toBe("Error: sub is not a regular file.");
    await folder.write("huge.txt", new Uint8Array(10_000_001).fill(97));
    expect(await call("read_file", { path: "huge.txt" })).toMatch(/has 10000001 bytes; at most 10000000/);
  });
});

describe("read_file of a large file", () => {
  it("blocks nothing for long", async () => {
    await folder.write("lines.txt", "\n".repeat(10_000_000));
    await folder.write(
      "sjis.txt",
      new Uint8Array(10_000_000).map((_, index) => (index % 2 === 0 ? 0x93 : 0xfa)),
    );
    const loop = watchEventLoop();
    expect(await call("read_file", { path: "lines.txt" })).toMatch(/of 10000000\]$/);
    expect(await call("read_file", { path: "lines.txt", from_line: 10_000_000 })).toBe("10000000\t");
    expect(await call("read_file", { path: "sjis.txt" })).toMatch(/^1\t日日/);
    expect(loop.turns()).toBeGreaterThan(2);
  });
});

describe("list_files", () => {
  it("names files with sizes, folders, and links that are not followed", async () => {
    await folder.write("a.txt", "12345");
    await folder.write("sub/b.txt", "");
    await folder.write(".git/config", "");
    await folder.link("z", "..");
    expect(await call("list_files", {})).toBe(".git/\na.txt (5 bytes)\nsub/\nsub/b.txt (0 bytes)\nz (a link)");
    expect(await call("list_files", { path: "sub" })).toBe("sub/b.txt (0 bytes)");
    await mkdir(folder.path("none"));
    expect(await call("list_files", { path: "none" })).toBe("[the folder is empty]");
    expect(await call("list_files", { path: "a.txt" })).toBe("Error: a.txt is not a folder.");
  });

  it("cuts a long list with a note", async () => {
    for (let index = 0; index < 310; index++) await folder.write(`f${index}`, "");
    expect((await call("list_files", {})).split("\n").at(-1)).toBe(
      "[cut: the first 300 entries are shown; list a folder in it]",
    );
  });
});

describe("search_files", () => {
  it("finds text whatever its case and width, in Japanese too, with file and line", async () => {
    await folder.write("a.txt", "nothing\nThe ＦＯＸ jumps\n");
    await folder.write("sub/b.md", "今日の天気は晴れです。");
    await folder.write("c.bin", Uint8Array.from([0, 102, 111, 120]));
    expect(await call("search_files", { query: "fox" })).toBe("a.txt:2: The ＦＯＸ jumps");
    expect(await call("search_files", { query: "天気" })).toBe("sub/b.md:1: 今日の天気は晴れです。");
    expect(await call("search_files", { query: "fox", path: "sub" })).toBe("[no line of 1 files contains this]");
  });

  it("says which files it could not search", async () => {
    await folder.write("large.txt", "needle\n".repeat(1_500_000));
    expect(await call("search_files", { query: "needle" })).toMatch(
      /^\[no line of 0 files .*; not searched since larger than 10000000 bytes: 1 files\]$/,
    );
    await folder.write("a.txt", "needle");
    expect(await call("search_files", { query: "needle" })).toMatch(
      /^a\.txt:1: needle\n\[cut: not searched since larger/,
    );
  });

  it("takes a pattern for the text that it is", async () => {
    await folder.write("a.txt", "aaaa (a+)+$");
    expect(await call("search_files", { query: "(a+)+$" })).toBe("a.txt:1: aaaa (a+)+$");
  });

  it("shows a long line where the text stands in it", async () => {
    await folder.write("line.txt", `${"x".repeat(1_000_000)}Needle${"y".repeat(1_000_000)}`);
    expect(await call("search_files", { query: "needle" })).toMatch(/^line\.txt:1: …x+Needley+…$/);
  });

  it("holds its limits, and blocks nothing, with millions of lines, long lines, marks without end and a pipe", async () => {
    await folder.write("many.txt", "x\n".repeat(2_000_000));
    await folder.write("sub/wide.txt", "\uFDFA".repeat(1_000_000));
    await folder.write("sub/marks.txt", `a${"\u0301\u0327".repeat(200_000)}`);
    spawnSync("mkfifo", [folder.path("pipe")]);
    const loop = watchEventLoop();
    expect((await call("search_files", { query: "x" })).split("\n").at(-1)).toBe(
      "[cut: the first 100 lines are shown]",
    );
    expect(await call("search_files", { query: "needle" })).toBe("[no line of 3 files contains this]");
    expect(await call("list_files", {})).toContain("pipe (no regular file)");
    expect(loop.turns()).toBeGreaterThan(2);
  });

  it("gives what was found when its time is over", async () => {
    for (const name of ["a", "b", "c"]) await folder.write(name, "x\n".repeat(100_000));
    const tool = searchFilesTool(await ToolFolder.open(folder.root), 1);
    expect(await callTool([tool], "search_files", { query: "needle" })).toMatch(/time was over after [0-2] files/);
  });

  it("stops when the turn is stopped", async () => {
    const late = callTool(await tools(), "search_files", { query: "needle" }, AbortSignal.timeout(200));
    await folder.write("many.txt", "x\n".repeat(2_000_000));
    expect(await late).toMatch(/^Error: .*(abort|timeout)|^\[no line/i);
    await folder.write("a.txt", "x");
    expect(await callTool(await tools(), "search_files", { query: "x" }, AbortSignal.abort())).toMatch(
      /^Error: .*abort/i,
    );
  });
});

describe("write_file", () => {
  it("shows what changes, and writes when it may", async () => {
    await folder.write("a.md", "one\ntwo\n");
    await chmod(folder.path("a.md"), 0o640);
    const approve = answering("once");
    expect(await call("write_file", { path: "a.md", content: "one\n2\n" }, approve)).toBe("a.md was written: 6 bytes.");
    expect(await readFile(folder.path("a.md"), "utf8")).toBe("one\n2\n");
    expect((await stat(folder.path("a.md"))).mode & 0o777).toBe(0o640);
    expect(approve.asked).toMatchObject([{ question: "Change a.md?", detail: "@@ -1,2 +1,2 @@\n one\n-two\n+2\n" }]);
  });

  it("makes a new file and its folders", async () => {
    const approve = answering("once");
    expect(await call("write_file", { path: "new/deep/b.md", content: "日本" }, approve)).toBe(
      "new/deep/b.md was written: 6 bytes.",
    );
    expect(await readFile(folder.path("new/deep/b.md"), "utf8")).toBe("日本");
    expect(approve.asked[0]?.question).toBe("Write the new file new/deep/b.md?");
  });

  it("writes nothing, and makes no folder, when it is refused or nobody can be asked", async () => {
    expect(await call("write_file", { path: "n/a.md", content: "x" }, answering("refused"))).toBe(
      "Error: The user refused. Nothing was written.",
    );
    expect(await call("write_file", { path: "n/a.md", content: "x" })).toMatch(/refused/);
    await expect(stat(folder.path("n"))).rejects.toThrow("ENOENT");
  });

  it("asks nothing when nothing changes", async () => {
    await folder.write("a.md", "same");
    expect(await call("write_file", { path: "a.md", content: "same" })).toBe("a.md already has this content.");
  });

  it("refuses a folder that stands where the file is to be, and leaves it as it is", async () => {
    await folder.write("sub/a.md", "old");
    await mkdir(folder.path("sub/b.md"));
    expect(await call("write_file", { path: "sub/b.md", content: "x" }, answering("once"))).toBe(
      "Error: sub/b.md is a folder.",
    );
    expect(await call("list_files", { path: "sub" })).toBe("sub/a.md (3 bytes)\nsub/b.md/");
  });

  it("remembers a yes for the session", async () => {
    const approve = answering("session", "refused");
    const made = await tools(approve);
    expect(await callTool(made, "write_file", { path: "a", content: "1" })).toMatch(/written/);
    expect(await callTool(made, "write_file", { path: "b", content: "2" })).toMatch(/written/);
    expect(approve.asked).toHaveLength(1);
  });
});
