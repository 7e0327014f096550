import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";
import ts from "typescript";
import { packageFile } from "../../src/platform/folders.ts";
import { parsePrompt } from "../../src/prompts/prompts.ts";
import { finalText, startModelServer } from "../wire/support/model-server.ts";

/* The rest of langchain-behavior.test.ts: what needs a bundler or a compiler. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bundled-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Bundles a program that imports the built package, as its users do, and runs it in a folder that has nothing but a project's own files. */
async function runBundle(source: string, format: "esm" | "cjs", words: readonly string[] = []): Promise<string> {
  const outfile = join(folder, format === "esm" ? "app.mjs" : "app.cjs");
  const stdin = { contents: source, resolveDir: packageFile(""), loader: "ts" as const };
  await build({ stdin, bundle: true, platform: "node", target: "node20", format, outfile, logLevel: "silent" });
  await mkdir(join(folder, "prompts"), { recursive: true });
  await writeFile(join(folder, "package.json"), "{}");
  await writeFile(
    join(folder, "prompts", "chat.md"),
    "---\nname: chat\nsystem: Not ours.\nvariables: [input]\n---\n{{input}}",
  );
  const { stdout } = await promisify(execFile)(process.execPath, [outfile, ...words], {
    cwd: folder,
    env: { HOME: folder },
  });
  return stdout;
}

describe.each(["esm", "cjs"] as const)("a bundle of the package (%s)", (format) => {
  it("reads harmony", async () => {
    const source = `import { HarmonyParser, parseHarmony } from "langchain-gpt-oss/harmony";
      const text = "<|channel|>final<|message|>Hello";
      console.log(new HarmonyParser().push(text).length > 0, parseHarmony(text)[0]?.content);`;
    expect(await runBundle(source, format)).toBe("true Hello\n");
  });

  it("has the prompts of the package, and never takes those of the project around it for them", async () => {
    const source = `import { HarmonyOutputParser, loadPrompt } from "langchain-gpt-oss";
      console.log(JSON.stringify([typeof HarmonyOutputParser, loadPrompt("chat")]));`;
    const text = await readFile(packageFile("prompts/chat.md"), "utf8");
    expect(JSON.parse(await runBundle(source, format))).toEqual([
      "function",
      JSON.parse(JSON.stringify(parsePrompt(text, "prompts/chat.md"))),
    ]);
  });

  it("answers through a server that runs", async () => {
    await using server = await startModelServer({ replies: [finalText("Hello"), finalText("Bonjour")] });
    const source = `import { ChatGptOss, createChatModel } from "langchain-gpt-oss";
      import { createTranslator } from "langchain-gpt-oss/chains";
      async function main() {
        const model = await createChatModel({ baseUrl: process.argv[2] });
        console.log(model instanceof ChatGptOss, (await model.invoke("Hi")).text);
        console.log(await createTranslator({ model, to: "French" }).invoke("Hello"));
      }
      void main();`;
    expect(await runBundle(source, format, [server.baseUrl])).toBe("true Hello\nBonjour\n");
  });

  it("says what it lacks when it is to start a server", async () => {
    const source = `import { createChatModel } from "langchain-gpt-oss";
      createChatModel({ model: "demo" }).catch((error: Error) => console.log(error.message));`;
    expect(await runBundle(source, format)).toMatch(/langchain-gpt-oss|llama-server/);
  });
});

const PROGRAMS: Readonly<Record<string, string>> = {
  "an array": "await model.withStructuredOutput(z.array(z.string())).invoke('')",
  "a transformed value":
    "const n: number = await model.withStructuredOutput(z.string().transform(Number)).invoke(''); use(n)",
  "an interface":
    "interface Person { name: string } const person: Person = await model.withStructuredOutput<Person>({ type: 'object' }).invoke(''); use(person)",
  "extract of an array":
    "const a: string[] = await createExtractor({ model, schema: z.array(z.string()) }).invoke(''); use(a)",
  "extract of a transformed value":
    "await createExtractor({ model, schema: z.object({ a: z.string() }).transform(({ a }) => a) }).invoke('')",
};

describe("the types", () => {
  it("allow whatever a schema makes as output", () => {
    const sources = new Map(
      Object.values(PROGRAMS).map((code, index) => [
        packageFile(`test/model/compiled-example-${index}.ts`),
        `import { z } from "zod"; import type { ChatGptOss } from "../../src/index.ts"; import { createExtractor } from "../../chains/index.ts";
         declare const model: ChatGptOss; declare function use(value: unknown): void; export const used = [z, createExtractor, use]; ${code};`,
      ]),
    );
    const { config } = ts.readConfigFile(packageFile("tsconfig.json"), (path) => ts.sys.readFile(path)) as {
      config: unknown;
    };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, packageFile(""));
    const host = ts.createCompilerHost(options);
    const readFromDisk = host.readFile.bind(host);
    host.readFile = (path) => sources.get(path) ?? readFromDisk(path);
    host.fileExists = (path) => sources.has(path) || ts.sys.fileExists(path);
    const getSourceFile = host.getSourceFile.bind(host);
    host.getSourceFile = (path, version) => {
      const source = sources.get(path);
      return source === undefined ? getSourceFile(path, version) : ts.createSourceFile(path, source, version);
    };
    const program = ts.createProgram([...sources.keys()], { ...options, noUnusedLocals: false }, host);
    const errors = [...sources.keys()].map((path) =>
      program.getSemanticDiagnostics(program.getSourceFile(path)).map(({ messageText }) => messageText),
    );
    expect(Object.keys(PROGRAMS).map((name, index) => [name, errors[index]])).toEqual(
      Object.keys(PROGRAMS).map((name) => [name, []]),
    );
  });
});
