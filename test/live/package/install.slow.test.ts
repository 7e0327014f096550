import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import { Consumer, registryAnswers } from "./support/consumer.ts";
import { type PackageTarball, packPackage } from "./support/package-tarball.ts";

const PLAIN_SCRIPT = `
import { createTools, HarmonyOutputParser, loadPrompt } from "langchain-gpt-oss";
import { createConversation } from "langchain-gpt-oss/chains";
import { parseHarmony, sanitizeControlTokens } from "langchain-gpt-oss/harmony";
const text = "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes.";
console.log(await new HarmonyOutputParser().invoke(text), parseHarmony(text).length);
console.log(sanitizeControlTokens("<|end|>") === "<|end|>", loadPrompt("chat").name, typeof createConversation);
const toolbox = await createTools("calculator");
console.log(toolbox.tools.map(({ name }) => name).join());
`;

const MCP_SCRIPT = `
import { writeFile } from "node:fs/promises";
import { createTools } from "langchain-gpt-oss";
await writeFile("mcp.json", JSON.stringify({ mcpServers: { one: { command: "true" } } }));
await createTools("mcp:mcp.json").catch((error) => console.log(error.message, error.hint));
`;

const TYPED_PROGRAM = `
import { ChatGptOss, createChatModel, GptOssError, HarmonyOutputParser, type GptOssMetadata } from "langchain-gpt-oss";
import { createConversation, createExtractor } from "langchain-gpt-oss/chains";
import { type HarmonyMessage, parseHarmony } from "langchain-gpt-oss/harmony";
import { z } from "zod";

export async function run(): Promise<string> {
  const model: ChatGptOss = await createChatModel({ model: "demo" });
  const person = createExtractor({ model, schema: z.object({ age: z.number() }) });
  const age: number = (await person.invoke("Alice is 30 years old.")).age;
  const parser = new HarmonyOutputParser();
  const answer: string = await createConversation({ model }).invoke(String(age));
  await model.close();
  return answer + (await parser.invoke("x"));
}
export function codeOf(error: unknown): string | undefined {
  return error instanceof GptOssError ? error.code : undefined;
}
export type Metadata = GptOssMetadata;
export const messages: readonly HarmonyMessage[] = parseHarmony("x");
// @ts-expect-error: types are found, so a wrong name is an error
export const wrong = createChatModel({ modle: "demo" });
`;

const offline = !registryAnswers();
const reason = "the npm registry does not answer: the package is not installed";

(offline ? describe.skip : describe)(offline ? reason : "the package, installed into an empty project", () => {
  let tarball: PackageTarball;
  let consumer: Consumer;
  beforeAll(async () => {
    tarball = await packPackage();
    consumer = new Consumer(tarball.folder);
    await consumer.install(tarball.path);
  }, 240_000);
  afterAll(() => tarball.remove());

  it("prints its version", async () => {
    const { version } = JSON.parse(await readFile(packageFile("package.json"), "utf8")) as { version: string };
    const { stdout, stderr } = await consumer.run("npx", ["gpt-oss", "--version"]);
    expect({ stdout, stderr }).toEqual({ stdout: `${version}\n`, stderr: "" });
  });

  it("prints its help", async () => {
    const { stdout, status } = await consumer.run("npx", ["gpt-oss", "--help"]);
    expect(stdout).toContain("Usage: gpt-oss [options] [command]");
    expect(status).toBe(0);
  });

  it("answers with the demo model that comes along", async () => {
    const words = ["gpt-oss", "ask", "--model", "demo", "My name is Alice."];
    const { stdout, status } = await consumer.run("npx", words);
    expect(status).toBe(0);
    expect(stdout).toContain("Alice");
  });

  it("finds the experiments that come along", async () => {
    const { stdout, status } = await consumer.run("npx", ["gpt-oss", "experiment", "list"]);
    expect(status).toBe(0);
    expect(stdout).toContain("recall");
  });

  it("is imported by plain JavaScript", async () => {
    await consumer.write("plain.mjs", PLAIN_SCRIPT);
    const { stdout, stderr } = await consumer.run(process.execPath, ["plain.mjs"]);
    expect({ stdout, stderr }).toEqual({ stdout: "Yes. 2\nfalse chat function\ncalculator\n", stderr: "" });
  });

  it("is required by CommonJS, as Node allows", async () => {
    await consumer.write("plain.cjs", `console.log(typeof require("langchain-gpt-oss").createChatModel);`);
    expect((await consumer.run(process.execPath, ["plain.cjs"])).stdout).toBe("function\n");
  });

  it.each([
    // the declarations themselves are checked once, which takes a while with those of LangChain
    ["nodenext", { module: "nodenext", moduleResolution: "nodenext", skipLibCheck: false }],
    ["bundler", { module: "esnext", moduleResolution: "bundler", skipLibCheck: true }],
  ])("has types under moduleResolution %s", async (name, modules) => {
    const options = { ...modules, target: "es2023", strict: true, noEmit: true, types: ["node"] };
    await consumer.write("program.ts", TYPED_PROGRAM);
    await consumer.write(`${name}.json`, JSON.stringify({ compilerOptions: options, files: ["program.ts"] }));
    const tsc = packageFile("node_modules/.bin/tsc");
    const { stdout, status } = await consumer.run(tsc, ["-p", `${name}.json`]);
    expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
  });

  it("does without the package for MCP, and names it when it is wanted", async () => {
    expect(existsSync(join(consumer.folder, "node_modules/@langchain/mcp-adapters"))).toBe(false);
    await consumer.write("mcp.mjs", MCP_SCRIPT);
    const { stdout } = await consumer.run(process.execPath, ["mcp.mjs"]);
    expect(stdout).toContain("Install it with: npm install @langchain/mcp-adapters");
  });

  it("brings no package that runs a script when it is installed", async () => {
    const lock = await readFile(join(consumer.folder, "package-lock.json"), "utf8");
    const { packages } = JSON.parse(lock) as { packages: Record<string, { hasInstallScript?: boolean }> };
    const withScript = Object.entries(packages).filter(([, entry]) => entry.hasInstallScript === true);
    expect(withScript.map(([path]) => path)).toEqual([]);
  });
});
