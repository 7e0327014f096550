import { execFile, spawnSync } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { transform } from "esbuild";
import { packageFile } from "../../src/platform/folders.ts";
import { rawReply, THINKING } from "../model/standard/support/scripted-model.ts";
import { type ChatBody, type ModelServer, startModelServer } from "../wire/support/model-server.ts";
import { installLanggraph } from "./support/install-langgraph.ts";

/* The programs of docs/langgraph.md that need packages which are not installed here: ```ts external. */

let folder: string;
let server: ModelServer;
let programs: ReadonlyMap<string, string>;
beforeAll(async () => {
  folder = await installLanggraph();
  server = await startModelServer({ replies: rawReply, contextSize: 32_768 });
  const page = await readFile(packageFile("docs/langgraph.md"), "utf8");
  const blocks = [...page.matchAll(/^## ([^\n]+)\n(?:(?!^## ).*\n)*?```ts external\n([\s\S]*?)^```$/gm)];
  programs = new Map(blocks.map(([, title = "", code = ""]) => [title, code]));
}, 600_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function run(title: string): Promise<string> {
  const file = join(folder, `${title.replaceAll(/\W/g, "-")}.mjs`);
  const options = { loader: "ts", format: "esm", target: "node20" } as const;
  await writeFile(file, (await transform(programs.get(title) ?? "", options)).code);
  const environment = { ...process.env, OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: "secret" };
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder, env: environment });
  return stdout.trim();
}

/** Of the last request: the thinking before the last call. */
function thinkingSent(): unknown {
  const body = server.exchanges.at(-1)?.body as ChatBody | undefined;
  return body?.messages.findLast(({ tool_calls: calls }) => calls !== undefined)?.["reasoning_content"];
}

describe("the programs of docs/langgraph.md that need other packages", () => {
  it("are these", () => {
    expect([...programs.keys()]).toEqual(["Across processes", "deepagents"]);
  });

  it("pass the compiler", async () => {
    for (const [index, code] of [...programs.values()].entries()) await writeFile(join(folder, `${index}.ts`), code);
    const compilerOptions = { typeRoots: [packageFile("node_modules/@types")] };
    const config = { extends: packageFile("tsconfig.json"), compilerOptions, include: ["*.ts"] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    const { stdout, status } = spawnSync(packageFile("node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" });
    expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
  });

  it("continue in another process with the thinking, from a checkpoint in SQLite", async () => {
    await rm(join(folder, "threads.sqlite"), { force: true });
    expect(await run("Across processes")).toBe("Waiting for approval.");
    const asked = server.exchanges.length;
    expect(await run("Across processes")).toBe("The tool says: 42");
    expect(server.exchanges.length).toBeGreaterThan(asked);
    expect(thinkingSent()).toBe(THINKING);
  });

  it("run deepagents, which reads its thinking", async () => {
    expect(await run("deepagents")).toBe("The tool says: 42");
    expect(thinkingSent()).toBe(THINKING);
  });

  it("share one copy of LangChain's core and of zod", () => {
    const paths = readdirSync(join(folder, "node_modules"), { recursive: true, encoding: "utf8" });
    const copies = paths.filter((path) =>
      /(?:^|\/)node_modules\/(?:@langchain\/core|zod)\/package\.json$/.test(`node_modules/${path}`),
    );
    expect(copies.toSorted()).toEqual(["@langchain/core/package.json", "zod/package.json"]);
  });
});
