import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import { createTools, type Toolbox } from "../../../src/index.ts";
import { answering, callTool } from "../support/call-tool.ts";
import { watchEventLoop } from "../support/event-loop.ts";
import { type FileFolder, makeFileFolder } from "../support/file-folder.ts";

/** The real server that the Model Context Protocol's authors publish. */
const SERVER = packageFile("node_modules/@modelcontextprotocol/server-filesystem/dist/index.js");

let folder: FileFolder;
let file: string;
let box: Toolbox | undefined;
beforeEach(async () => {
  folder = await makeFileFolder();
  file = join(folder.around, "mcp.json");
  await writeFile(
    file,
    JSON.stringify({ mcpServers: { disk: { command: process.execPath, args: [SERVER, folder.root] } } }),
  );
});
afterEach(async () => {
  await box?.close();
  box = undefined;
  await folder.remove();
});

async function open(approve = answering("session")): Promise<Toolbox> {
  await box?.close();
  box = await createTools([{ kind: "mcp", path: file }], { approve });
  return box;
}

function serversOf(root: string): string[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,command="], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line.includes(SERVER) && line.includes(root));
}

describe("MCP servers", () => {
  it("give tools that are named after their server, work, ask first, and end with the toolbox", async () => {
    await folder.write("a.txt", "<|end|>hello");
    const approve = answering("session");
    const opened = await open(approve);
    const { tools } = opened;
    const names = tools.map(({ name }) => name);
    expect(names).toContain("disk__read_text_file");
    const result = await callTool(tools, "disk__read_text_file", { path: folder.path("a.txt") });
    expect(result).toContain("hello");
    expect(result).not.toContain("<|end|>");
    await callTool(tools, "disk__write_file", { path: folder.path("b.txt"), content: "new" });
    expect(await readFile(folder.path("b.txt"), "utf8")).toBe("new");
    expect(approve.asked).toMatchObject([
      { question: "Call disk__read_text_file?", scope: "disk__read_text_file" },
      { question: "Call disk__write_file?", detail: expect.stringContaining('"content": "new"') },
    ]);
    expect(serversOf(folder.root)).toHaveLength(1);
    await opened.close();
    await expectNone(folder.root);
  });

  it("do nothing without a yes, and tell of their own failures", async () => {
    const { tools } = await open(answering("refused", "once"));
    const input = { path: folder.path("b.txt"), content: "x" };
    expect(await callTool(tools, "disk__write_file", input)).toBe("Error: The user refused. Nothing was called.");
    expect(await callTool(tools, "disk__read_text_file", { path: "/etc/passwd" })).toMatch(
      /^Error: .*(denied|outside)/i,
    );
  });

  it("that do not start are named in a sentence", async () => {
    await writeFile(
      file,
      JSON.stringify({ mcpServers: { bad: { command: process.execPath, args: ["-e", "process.exit(1)"] } } }),
    );
    await expect(open()).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/"bad".*mcp\.json.*exited/),
    });
  });
});

describe("a tool whose schema a server has written", () => {
  const openWith = async (schema: unknown, approve = answering("session"), length = 0) => {
    const args = [packageFile("test/tools/support/mcp-program.mjs"), JSON.stringify(schema), String(length)];
    await writeFile(file, JSON.stringify({ mcpServers: { own: { command: process.execPath, args } } }));
    return (await open(approve)).tools;
  };
  const withPattern = (pattern: string) => ({
    type: "object",
    properties: { text: { type: "string", pattern } },
    required: ["text"],
  });

  it("can't hold everything up by a pattern that takes JavaScript for ever", async () => {
    const approve = answering("session");
    const tools = await openWith(withPattern("^(a+)+$"), approve);
    const loop = watchEventLoop();
    expect(await callTool(tools, "own__echo", { text: `${"a".repeat(60)}!` })).toMatch(/^Error: .*text/);
    expect(await callTool(tools, "own__echo", { text: "aaa" })).toContain('{"text":"aaa"}');
    // with a back reference no automaton can say it, and a thread that can be ended has to try
    const slow = await openWith(withPattern(String.raw`^(a+)+\1$`), approve);
    expect(await callTool(slow, "own__echo", { text: `${"a".repeat(60)}!` })).toMatch(/^Error: .*takes too long/);
    expect(loop.turns()).toBeGreaterThan(2);
    expect(approve.asked).toHaveLength(1);
  });

  it("ends with the turn while its arguments are checked", async () => {
    const tools = await openWith(withPattern(String.raw`^(a+)+\1$`));
    const result = await callTool(tools, "own__echo", { text: `${"a".repeat(60)}!` }, AbortSignal.timeout(300));
    expect(result).toMatch(/^Error: .*(abort|timeout)/i);
  });

  it("still has its arguments checked, with a pattern and without", async () => {
    const approve = answering("session");
    const tools = await openWith(withPattern("^b$"), approve);
    expect(await callTool(tools, "own__echo", { text: "a" })).toMatch(/^Error: .*text/);
    expect(await callTool(tools, "own__echo", {})).toMatch(/^Error: .*text/);
    const plain = await openWith({ type: "object", properties: { n: { type: "number" } } }, approve);
    expect(await callTool(plain, "own__echo", { n: "one" })).toMatch(/^Error: .*\bn\b/);
    expect(approve.asked).toEqual([]);
  });

  it("may have a property that is true, and leaves out only the tool that can't be used", async () => {
    const [usable] = await openWith({ type: "object", properties: { model: true } });
    expect(usable?.name).toBe("own__echo");
    const problems: string[] = [];
    const args = [
      packageFile("test/tools/support/mcp-program.mjs"),
      JSON.stringify({ type: "object", properties: { a: { enum: [] } } }),
    ];
    await writeFile(file, JSON.stringify({ mcpServers: { own: { command: process.execPath, args } } }));
    await box?.close();
    box = await createTools([{ kind: "mcp", path: file }], { onProblem: ({ message }) => problems.push(message) });
    expect(box.tools).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(/"echo".*"enum"/)]);
  });

  it("gives a huge result cut, at once", async () => {
    const tools = await openWith(withPattern("^a$"), answering("session"), 20_000_000);
    const loop = watchEventLoop();
    expect(Buffer.byteLength(await callTool(tools, "own__echo", { text: "a" }))).toBeLessThanOrEqual(16_384);
    expect(loop.turns()).toBeGreaterThan(2);
  });
});

async function expectNone(root: string): Promise<void> {
  for (let wait = 0; wait < 60 && serversOf(root).length > 0; wait++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  expect(serversOf(root)).toEqual([]);
}
