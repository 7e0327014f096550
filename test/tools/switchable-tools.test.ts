import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../src/platform/folders.ts";
import { splitToolWords } from "../../src/tools/tool-spec.ts";
import { SwitchableTools } from "../../src/tools/switchable-tools.ts";
import { answering, callTool } from "./support/call-tool.ts";
import { type FileFolder, makeFileFolder } from "./support/file-folder.ts";

const SERVER = packageFile("node_modules/@modelcontextprotocol/server-filesystem/dist/index.js");

let folder: FileFolder;
let tools: SwitchableTools;
beforeEach(async () => {
  folder = await makeFileFolder();
  tools = new SwitchableTools({ approve: answering("session") });
});
afterEach(async () => {
  await tools.close();
  await folder.remove();
});

const names = (of: SwitchableTools = tools) => of.tools.map(({ name }) => name);
const READING = ["read_file", "list_files", "search_files"];

describe("tools that are switched", () => {
  it("are none in the beginning, and can be added one after the other", async () => {
    expect([names(), tools.groups, tools.state]).toEqual([[], [], []]);
    await tools.on(["calculator"]);
    await tools.on(["clock", `files:${folder.root}`]);
    expect(names()).toEqual(["calculator", "clock", ...READING, "write_file"]);
    await tools.on(["calculator"]);
    expect(names().filter((name) => name === "calculator")).toHaveLength(1);
  });

  it("go off one by one or as a whole, and on again", async () => {
    await tools.on(["calculator", `files:${folder.root}`]);
    await tools.off(["write_file", "calculator"]);
    expect(names()).toEqual(READING);
    expect(tools.groups).toEqual([
      {
        word: `files:${folder.root}`,
        tools: [...READING.map((name) => ({ name, isOn: true })), { name: "write_file", isOn: false }],
      },
    ]);
    await tools.on(["write_file"]);
    expect(names()).toEqual([...READING, "write_file"]);
    await tools.off(["files"]);
    expect(tools.groups).toEqual([]);
    await tools.on(["clock"]);
    await tools.off();
    expect(names()).toEqual([]);
  });

  it("can be named exactly", async () => {
    await tools.on(["calculator", `files:${folder.root}`]);
    await tools.set(["clock", "read_file"]);
    expect(names()).toEqual(["read_file", "clock"]);
    await tools.set(["files"]);
    expect(names()).toEqual([...READING, "write_file"]);
  });

  it("take the place of the same tools for another folder, and are no twins of others", async () => {
    await tools.on([`files:${folder.root}`]);
    await tools.on([`files:${folder.around}`]);
    expect(tools.groups.map(({ word }) => word)).toEqual([`files:${folder.around}`]);
    const twins = { code: "usage", message: "The tool read_file is listed twice." };
    await expect(tools.on([`read:${folder.root}`])).rejects.toMatchObject(twins);
    await tools.off();
    await expect(tools.on([`files:${folder.root}`, `files:${folder.around}`])).rejects.toMatchObject(twins);
  });

  it("say what is not there", async () => {
    await expect(tools.on(["calcualtor"])).rejects.toMatchObject({ message: 'Unknown tool: "calcualtor".' });
    await expect(tools.on(["files"])).rejects.toMatchObject({ message: "files needs a folder: files:PATH." });
    await expect(tools.off(["clock"])).rejects.toMatchObject({
      code: "usage",
      message: 'The tool "clock" is not enabled, and no other tool is.',
    });
  });

  it("are the same in a later chat that is given their state; what can't be had any more is said", async () => {
    await tools.on(["clock", `files:${folder.root}`]);
    await tools.off(["write_file"]);
    const later = new SwitchableTools();
    expect(await later.restore(tools.state)).toEqual([]);
    expect([names(later), later.state]).toEqual([["clock", ...READING], tools.state]);
    const failures = await later.restore([`read:${folder.path("gone")}`, "calculator"]);
    expect(failures).toMatchObject([{ code: "usage", message: expect.stringContaining("gone") }]);
    expect(names(later)).toEqual(["calculator"]);
    await later.close();
  });

  it("may be an MCP server's: all of them by its name, or one by its own; what was allowed stays so", async () => {
    const file = join(folder.around, "mcp.json");
    const disk = { command: process.execPath, args: [SERVER, folder.root] };
    await writeFile(file, JSON.stringify({ mcpServers: { disk } }));
    const approve = answering("session");
    await using own = new SwitchableTools({ approve });
    await own.on([`mcp:${file}`]);
    const all = names(own);
    expect(all.length).toBeGreaterThan(5);
    await folder.write("a.txt", "hello");
    await callTool(own.tools, "disk__read_text_file", { path: folder.path("a.txt") });
    await own.off(["disk"]);
    expect(names(own)).toEqual([]);
    await own.on(["disk__read_text_file"]);
    expect(names(own)).toEqual(["disk__read_text_file"]);
    await callTool(own.tools, "disk__read_text_file", { path: folder.path("a.txt") });
    expect(approve.asked).toHaveLength(1);
    await own.on(["disk"]);
    expect(names(own)).toEqual(all);
    await own.off(["mcp"]);
    expect(own.groups).toEqual([]);
  });
});

describe("splitToolWords", () => {
  it.each([
    ["on calculator clock", ["on", "calculator", "clock"]],
    ["on calculator,clock", ["on", "calculator", "clock"]],
    ['files:"my notes" clock', ["files:my notes", "clock"]],
    [String.raw`files:my\ notes\,1`, ["files:my notes,1"]],
    ["  ", []],
  ])("reads %j", (line, words) => {
    expect(splitToolWords(line)).toEqual(words);
  });
});
