import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { approvalGate } from "../../../src/tools/approval.ts";
import { openMcpTools } from "../../../src/tools/mcp/mcp-tools.ts";
import { answering, callTool } from "../support/call-tool.ts";
import { type FileFolder, makeFileFolder } from "../support/file-folder.ts";
import { type HttpSite, startEverything, startGate, startSilence } from "../support/mcp-http.ts";

let folder: FileFolder;
let file: string;
const sites: HttpSite[] = [];
beforeEach(async () => {
  folder = await makeFileFolder();
  file = join(folder.around, "mcp.json");
});
afterEach(async () => {
  for (const site of sites.splice(0).toReversed()) await site[Symbol.asyncDispose]();
  await folder.remove();
});

async function started(site: Promise<HttpSite>): Promise<string> {
  const { url } = await site.then((one) => {
    sites.push(one);
    return one;
  });
  return url;
}

async function open(server: object, connectMs?: number) {
  await writeFile(file, JSON.stringify({ mcpServers: { every: server } }));
  const approve = answering("session");
  return { ...(await openMcpTools(file, approvalGate(approve), { environment: process.env, connectMs })), approve };
}

describe("an MCP server over HTTP", () => {
  it("gives tools that work, ask first, and end", async () => {
    const url = await started(startEverything());
    const { tools, close, approve } = await open({ url });
    const names = tools.map(({ name }) => name);
    expect(names).toContain("every__echo");
    expect(await callTool(tools, "every__echo", { message: "hello <|end|>" })).toMatch(/hello <\u200b\|end\|>/);
    expect(await callTool(tools, "every__get-sum", { a: 12, b: 30 })).toContain("42");
    expect(approve.asked).toMatchObject([{ question: "Call every__echo?" }, { question: "Call every__get-sum?" }]);
    await close();
  });

  it("gets the headers of the file, and is named when they are wrong", async () => {
    const url = await started(startGate(await started(startEverything()), "authorization", "Bearer secret"));
    const { tools, close } = await open({ url, headers: { Authorization: "Bearer secret" } });
    expect(await callTool(tools, "every__echo", { message: "hello" })).toContain("hello");
    await close();
    await expect(open({ url, headers: { Authorization: "Bearer wrong" } })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/"every".*mcp\.json.*http:\S+.*401/),
    });
  });

  it.each([
    ["is not there", "http://127.0.0.1:9/mcp", /"every".*http:\/\/127\.0\.0\.1:9\/mcp.*not answer/],
    ["is none", undefined, /"every".*0\.5 seconds/],
  ])("that %s is named in one sentence", async (_what, address, sentence) => {
    const url = address ?? (await started(startSilence()));
    const opening = open({ url }, 500);
    await expect(opening).rejects.toMatchObject({ code: "usage", message: expect.stringMatching(sentence) });
  });

  it("that dies in the middle tells the model so in a sentence", async () => {
    const url = await started(startEverything());
    const { tools, close } = await open({ url });
    await sites.splice(0)[0]?.[Symbol.asyncDispose]();
    const said = await callTool(tools, "every__echo", { message: "hello" });
    expect(said).toMatch(/^Error: The MCP server "every" does not answer any more\.$/);
    await close();
  });
});
