import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../setup/package-folder.ts";
import { createTools, type Toolbox } from "../../../src/index.ts";
import { answering, callTool } from "../support/call-tool.ts";
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
      message: expect.stringMatching(
        /^The MCP server "bad" of .*mcp\.json can't be used: its program ended at once\.$/,
      ),
    });
  });
});

async function expectNone(root: string): Promise<void> {
  for (let wait = 0; wait < 60 && serversOf(root).length > 0; wait++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  expect(serversOf(root)).toEqual([]);
}
