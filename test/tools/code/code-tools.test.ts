import { execFile } from "node:child_process";
import { chmod, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Approve, createTools } from "../../../src/index.ts";
import { FileTransactions } from "../../../src/tools/code/file-transaction.ts";
import { ToolFolder } from "../../../src/tools/files/tool-folder.ts";
import { bundleProgram } from "../../support/bundle-program.ts";
import { answering, callTool } from "../support/call-tool.ts";
import { type FileFolder, makeFileFolder, SECRET } from "../support/file-folder.ts";

const run = promisify(execFile);

let folder: FileFolder;
beforeEach(async () => {
  folder = await makeFileFolder();
  await folder.write("src/a.txt", "one\ntwo\nthree\n");
  await folder.write("src/b.txt", "four\n");
});
afterEach(async () => {
  await folder.remove();
});

async function call(name: string, input: unknown, approve: Approve = answering("once"), PATH = process.env["PATH"]) {
  const environment = { PATH, GPT_OSS_DATA: join(folder.around, "data") };
  const { tools } = await createTools([{ kind: "code", path: folder.root }], { approve, environment });
  return await callTool(tools, `repo_browser_${name}`, input);
}

const envelope = (...lines: readonly string[]) => ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");
const TWO_FILES = envelope(
  "*** Update File: src/a.txt",
  "@@",
  " one",
  "-two",
  "+2",
  "*** Add File: new/c.txt",
  "+five",
  "*** Delete File: src/b.txt",
);

/** All files with their texts. */
async function filesIn(path = folder.root): Promise<Record<string, string>> {
  const names = await readdir(path, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file.slice(path.length + 1), await readFile(file, "utf8")] as const)),
  );
}
const BEFORE = { "src/a.txt": "one\ntwo\nthree\n", "src/b.txt": "four\n" };
const AFTER = { "src/a.txt": "one\n2\nthree\n", "new/c.txt": "five\n" };

describe("apply_patch", () => {
  it("shows all that changes, and changes all of it", async () => {
    const approve = answering("once");
    expect(await call("apply_patch", { patch: TWO_FILES }, approve)).toMatch(
      /M src\/a\.txt\nA new\/c\.txt\nD src\/b\.txt/,
    );
    expect(await filesIn()).toEqual(AFTER);
    expect(approve.asked).toHaveLength(1);
    expect(approve.asked[0]?.detail).toMatch(/-two\n\+2[^]*\+five[^]*-four/);
  });

  it.each(["input", "diff"])("takes the patch under another name: %s", async (name) => {
    await call("apply_patch", { [name]: TWO_FILES });
    expect(await filesIn()).toEqual(AFTER);
  });

  it("changes nothing when it is refused", async () => {
    expect(await call("apply_patch", { patch: TWO_FILES }, answering("refused"))).toMatch(/refused/);
    expect(await filesIn()).toEqual(BEFORE);
  });

  it("moves a file with its mode, changed or not", async () => {
    await chmod(folder.path("src/b.txt"), 0o600);
    const patch = envelope("*** Update File: src/b.txt", "*** Move to: src/d.txt", "@@", "-four", "+4");
    await call("apply_patch", { patch });
    expect(await filesIn()).toEqual({ "src/a.txt": BEFORE["src/a.txt"], "src/d.txt": "4\n" });
    expect((await stat(folder.path("src/d.txt"))).mode & 0o777).toBe(0o600);
  });

  const update = (path: string) => [`*** Update File: ${path}`, "@@", "-one", "+1"];
  it.each<[string, string, RegExp]>([
    ["wrong context", envelope("*** Update File: src/a.txt", "@@", " on", "-two", "+2"), /not found[^]*1: one/],
    ["one good file and one bad", envelope(...update("src/a.txt"), ...update("src/b.txt")), /src\/b\.txt/],
    ["one file twice", envelope(...update("src/a.txt"), ...update("src/../src/a.txt")), /twice/],
    ["one file twice, through a link", envelope(...update("src/a.txt"), ...update("link.txt")), /twice/],
    ["a file that exists", envelope("*** Add File: src/a.txt", "+x"), /exists already/],
    ["a file that does not", envelope(...update("src/c.txt")), /does not exist/],
    ["a deletion of none", envelope("*** Delete File: src/c.txt"), /does not exist/],
    ["a move onto another file", envelope("*** Update File: src/b.txt", "*** Move to: src/a.txt"), /exists already/],
    ["a path outside", envelope("*** Add File: ../x.txt", "+x"), /outside/],
    ["a move outside", envelope("*** Update File: src/b.txt", "*** Move to: ../x.txt"), /outside/],
    ["an absolute path outside", envelope("*** Add File: /tmp/gpt-oss-x.txt", "+x"), /outside/],
    ["a link that leads out", envelope("*** Update File: out.txt", "@@", "-the", "+x"), /outside/],
    ["a deletion of a link", envelope("*** Delete File: link.txt"), /is a link/],
    ["a folder", envelope("*** Delete File: src"), /folder/],
    ["a hook of git", envelope("*** Add File: .git/hooks/pre-commit", "+x"), /\.git/],
    ["no text", envelope(...update("binary")), /text/],
  ])("changes nothing and asks nothing for %s", async (_, patch, reason) => {
    await folder.link("link.txt", "src/a.txt");
    await folder.link("out.txt", "../secret.txt");
    await folder.write("binary", new Uint8Array([0xff, 0xfe, 0x00, 0xd8]));
    const before = await filesIn();
    const approve = answering("session");
    const answer = await call("apply_patch", { patch }, approve);
    expect(answer).toMatch(reason);
    expect(answer).not.toContain(SECRET);
    expect(approve.asked).toEqual([]);
    expect(await filesIn()).toEqual(before);
  });

  it("asks for each file that can run programs by itself, before anything is changed", async () => {
    const patch = envelope(
      ...update("src/a.txt"),
      "*** Add File: .husky/pre-commit",
      "+x",
      "*** Add File: package.json",
      "+{}",
    );
    const approve = answering("session", "refused");
    expect(await call("apply_patch", { patch }, approve)).toMatch(/refused/);
    expect(approve.asked.map(({ scope }) => scope)).toEqual([undefined, undefined]);
    expect(await filesIn()).toEqual(BEFORE);
  });

  it("changes nothing when a file was changed while the user was asked", async () => {
    const approve: Approve = async () => {
      await writeFile(folder.path("src/b.txt"), "mine\n");
      return "once";
    };
    expect(await call("apply_patch", { patch: TWO_FILES }, approve)).toMatch(/changed by someone else/);
    expect(await filesIn()).toEqual({ ...BEFORE, "src/b.txt": "mine\n" });
  });

  it("leaves all files old or all new, and none half written, when the program is killed at any step", async () => {
    const program = join(folder.around, "killed-patch.mjs");
    await bundleProgram("test/tools/code/support/killed-patch.ts", program);
    const journals = join(folder.around, "journals");
    const outcomes = new Set<string>();
    for (let step = 0, isOver = false; !isOver; step++) {
      for (const [name, text] of Object.entries(BEFORE)) await folder.write(name, text);
      isOver = await run(process.execPath, [program, folder.root, journals, String(step), TWO_FILES]).then(
        () => true,
        () => false,
      );
      const opened = await ToolFolder.open(folder.root);
      await new FileTransactions(journals).recover(opened);
      const files = await filesIn();
      expect([BEFORE, AFTER]).toContainEqual(files);
      outcomes.add(JSON.stringify(files));
      expect(await readdir(journals).catch(() => [])).not.toContainEqual(expect.stringMatching(/\.json$/));
      await rm(folder.path("new/c.txt"), { force: true });
    }
    expect(outcomes.size).toBe(2);
  });

  it("leaves files alone that were changed after the program was killed", async () => {
    const journals = join(folder.around, "data", "patches");
    const program = join(folder.around, "killed-patch.mjs");
    await bundleProgram("test/tools/code/support/killed-patch.ts", program);
    // a step at which the journal is ready and no file is in its place yet
    for (let step = 0; step < 40; step++) {
      for (const [name, text] of Object.entries(BEFORE)) await folder.write(name, text);
      await run(process.execPath, [program, folder.root, journals, String(step), TWO_FILES]).catch(() => undefined);
      const journal = (await readdir(journals).catch(() => [])).find((name) => name.endsWith(".json"));
      const text = journal === undefined ? "" : await readFile(join(journals, journal), "utf8");
      if (text.includes('"isReady":true')) break;
      await call("list_dir", {});
    }
    await folder.write("src/a.txt", "mine\n");
    await call("list_dir", {});
    expect((await filesIn())["src/a.txt"]).toBe("mine\n");
    expect(Object.keys(await filesIn()).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

describe("the tools that look at a project", () => {
  beforeEach(async () => {
    await folder.write(".gitignore", "*.log\n/build/\n!keep.log\n");
    await folder.write("a.log", "two");
    await folder.write("src/keep.log", "two");
    await folder.write("build/x.txt", "two");
    await folder.write("src/build/x.txt", "two");
    await folder.write("src/.gitignore", "secret*\n");
    await folder.write("src/secret.txt", "two");
    await folder.write(".git/config", "two");
    await symlink("../../secret.txt", folder.path("src/out.txt"));
  });

  it("print the tree without what .gitignore excludes", async () => {
    const tree = await call("print_tree", {});
    expect(tree).toBe(
      [
        ".gitignore",
        "src/",
        "  .gitignore",
        "  a.txt",
        "  b.txt",
        "  build/",
        "    x.txt",
        "  keep.log",
        "  out.txt (a link)",
        "sub/",
      ].join("\n"),
    );
    expect(await call("list_dir", { path: "src", depth: null })).toMatch(/^build\/$/m);
    expect(await call("list_dir", { path: ".." })).toMatch(/outside/);
  });

  it.each([
    ["with ripgrep", process.env["PATH"]],
    ["without", "/nowhere"],
  ])("search %s", async (_, PATH) => {
    const approve = answering("refused");
    const found = await call("search", { query: "t[wx]o$" }, approve, PATH);
    expect(found.split("\n")).toEqual(["src/a.txt:2:two", "src/build/x.txt:1:two", "src/keep.log:1:two"]);
    expect(await call("search", { query: "two", path: "src/a.txt" }, approve, PATH)).toBe("src/a.txt:2:two");
    expect(await call("search", { query: "two", max_results: 1 }, approve, PATH)).toMatch(/^src\/a\.txt:2:two\n\[cut/);
    expect(await call("search", { query: "nowhere" }, approve, PATH)).toMatch(/no line/);
    expect(await call("search", { query: "-e", path: "src/a.txt" }, approve, PATH)).toMatch(/no line/);
    expect(await call("search", { query: "secret", path: "../" }, approve, PATH)).toMatch(/outside/);
  });

  it("open files from line to line, by any of the model's names for the arguments", async () => {
    expect(await call("open_file", { path: "src/a.txt" })).toBe("1\tone\n2\ttwo\n3\tthree");
    expect(await call("open_file", { file_path: "src/a.txt", start_line: 2, end_line: 2 })).toBe("2\ttwo");
    expect(await call("open_file", { path: "src/a.txt", line_start: -1, line_numbers: false })).toBe("one\ntwo\nthree");
    expect(await call("open_file", { path: "src/a.txt", line_start: 9 })).toMatch(/3 lines/);
    expect(await call("open_file", { path: "src/out.txt" })).toMatch(/outside/);
    await folder.write("long.txt", "long line\n".repeat(5_000));
    const page = await call("open_file", { path: "long.txt" });
    const next = Number(/line_start (\d+) of 5000/.exec(page)?.[1]);
    expect(await call("open_file", { path: "long.txt", line_start: next })).toMatch(new RegExp(`^${next}\tlong line`));
  });
});
