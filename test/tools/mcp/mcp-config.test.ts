import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { defaultMcpFile, readMcpFile } from "../../../src/tools/mcp/mcp-config.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-mcp-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function read(text: string) {
  const path = join(folder, "mcp.json");
  await writeFile(path, text);
  return readMcpFile(path);
}

describe("an MCP file", () => {
  it("names programs and addresses", async () => {
    const servers = { files: { command: "npx", args: ["-y", "x"] }, web: { url: "https://example.com/mcp" } };
    expect(await read(JSON.stringify({ mcpServers: servers }))).toEqual(servers);
  });

  it.each([
    ["{", /JSON/],
    ["{}", /mcpServers/],
    ['{"mcpServers": {"a": {}}}', /mcpServers\.a/],
    ['{"mcpServers": {"a": {"url": "file:///x"}}}', /mcpServers\.a/],
    ['{"mcpServers": {"a b": {"command": "x"}}}', /mcpServers\.a b/],
  ])("%s is refused by name and place", async (text, sentence) => {
    await expect(read(text)).rejects.toMatchObject({ code: "usage", message: expect.stringMatching(sentence) });
    await expect(read(text)).rejects.toThrow(join(folder, "mcp.json"));
  });

  it("is missed in a sentence", () => {
    expect(() => readMcpFile(join(folder, "none.json"))).toThrow(
      `The MCP file ${join(folder, "none.json")} can't be used: the file does not exist.`,
    );
  });

  it("is refused without waiting when it is a named pipe", () => {
    execFileSync("mkfifo", [join(folder, "pipe.json")]);
    expect(() => readMcpFile(join(folder, "pipe.json"))).toThrow(/named pipe/);
  });

  it("is the user's own by default, and never one of the current folder", () => {
    const HOME = "/home/me";
    expect(defaultMcpFile({ HOME }, "linux")).toBe("/home/me/.config/langchain-gpt-oss/mcp.json");
    expect(defaultMcpFile({ HOME, XDG_CONFIG_HOME: "/cfg" }, "linux")).toBe("/cfg/langchain-gpt-oss/mcp.json");
    for (const ignored of ["", "config", "."])
      expect(defaultMcpFile({ HOME, XDG_CONFIG_HOME: ignored }, "linux")).toBe(
        "/home/me/.config/langchain-gpt-oss/mcp.json",
      );
    expect(defaultMcpFile({ HOME: "/Users/me" }, "darwin")).toBe(
      "/Users/me/Library/Application Support/langchain-gpt-oss/mcp.json",
    );
  });
});
