import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";
import ts from "typescript";
import { packageFile } from "../../src/platform/folders.ts";

/* The rest of langchain-behavior.test.ts: what needs a bundler or a compiler. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bundled-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function runBundle(source: string, format: "esm" | "cjs"): Promise<string> {
  const outfile = join(folder, format === "esm" ? "app.mjs" : "app.cjs");
  const stdin = { contents: source, resolveDir: packageFile(""), loader: "ts" as const };
  await build({ stdin, bundle: true, platform: "node", target: "node20", format, outfile, logLevel: "silent" });
  await mkdir(join(folder, "prompts"), { recursive: true });
  await writeFile(join(folder, "package.json"), "{}");
  await writeFile(
    join(folder, "prompts", "chat.md"),
    "---\nname: chat\nsystem: Not ours.\nvariables: [input]\n---\n{{input}}",
  );
  const { stdout } = await promisify(execFile)(process.execPath, [outfile], { cwd: folder });
  return stdout;
}

describe("a bundle of the package", () => {
  const parser = `import { parseHarmony } from ${JSON.stringify(packageFile("src/index.ts"))};
    console.log(parseHarmony("<|channel|>final<|message|>Hello")[0]?.content);`;
  it.failing.each(["esm", "cjs"] as const)("reads harmony without files of ours (%s)", async (format) => {
    expect(await runBundle(parser, format)).toBe("Hello\n");
  });

  it.failing("never takes a prompt of the project around it for ours", async () => {
    const source = `import { loadPrompt } from ${JSON.stringify(packageFile("src/index.ts"))};
      console.log(JSON.stringify(loadPrompt("chat")));`;
    expect(await runBundle(source, "esm")).not.toContain("Not ours.");
  });
});

describe("the types", () => {
  it.failing.each([
    ["an array", "await model.withStructuredOutput(z.array(z.string())).invoke('')"],
    ["a transformed value", "await model.withStructuredOutput(z.string().transform(Number)).invoke('')"],
    [
      "an interface",
      "interface Person { name: string } const person: Person = await model.withStructuredOutput<Person>({ type: 'object' }).invoke('')",
    ],
    ["extract of an array", "await extract({ model, schema: z.array(z.string()) }).invoke('')"],
  ])("allow %s as output", (_, code) => {
    const name = packageFile("test/model/compiled-example.ts");
    const source = `import { z } from "zod"; import type { ChatGptOss } from "../../src/index.ts"; import { extract } from "../../chains/index.ts";
      declare const model: ChatGptOss; export const used = [z, extract]; ${code};`;
    const { config } = ts.readConfigFile(packageFile("tsconfig.json"), (path) => ts.sys.readFile(path)) as {
      config: unknown;
    };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, packageFile(""));
    const host = ts.createCompilerHost(options);
    const readFile = host.readFile.bind(host);
    host.readFile = (path) => (path === name ? source : readFile(path));
    host.fileExists = (path) => path === name || ts.sys.fileExists(path);
    const getSourceFile = host.getSourceFile.bind(host);
    host.getSourceFile = (path, version) =>
      path === name ? ts.createSourceFile(path, source, version) : getSourceFile(path, version);
    const program = ts.createProgram([name], { ...options, noUnusedLocals: false }, host);
    const errors = program.getSemanticDiagnostics(program.getSourceFile(name)).map(({ messageText }) => messageText);
    expect(errors).toEqual([]);
  });
});
