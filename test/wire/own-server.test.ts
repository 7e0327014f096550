import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { type AddressInfo, createServer } from "node:net";
import { packageFile } from "../../src/platform/folders.ts";
import { createChatModel } from "../../src/index.ts";
import { runCommandLine } from "../support/command-line.ts";
import type { Exchange } from "./support/model-server.ts";
import { recorded } from "./support/recording.ts";

let folder: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-own-"));
  program = join(folder, "llama-server");
  const bundle = spawnSync(
    packageFile("node_modules/.bin/esbuild"),
    [
      packageFile("test/wire/support/llama-server.ts"),
      "--bundle",
      "--platform=node",
      "--format=esm",
      "--target=node20",
    ],
    { encoding: "utf8" },
  );
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await writeFile(program, `#!${process.execPath}\n${bundle.stdout}`);
  await chmod(program, 0o755);
});
beforeEach(() => rm(`${program}.jsonl`, { force: true }));
afterAll(async () => {
  await runCommandLine(["serve", "stop"], { environment: environment(), folder });
  await rm(folder, { recursive: true, force: true });
});

const environment = () => ({
  GPT_OSS_LLAMA_SERVER: program,
  GPT_OSS_MODEL: "demo",
  GPT_OSS_RUNTIME: join(folder, "run"),
  GPT_OSS_CACHE: join(folder, "cache"),
  GPT_OSS_DATA: join(folder, "data"),
  GPT_OSS_CONFIG: join(folder, "config.yaml"),
  GPT_OSS_IDLE_SECONDS: "0",
  HOME: folder,
});

/** What the program was started with, and what it was asked. */
async function noted() {
  const text = await readFile(`${program}.jsonl`, "utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  const [started, ...exchanges] = lines.map((line) => JSON.parse(line) as { words: string[] } | Exchange);
  const asked = recorded(exchanges as Exchange[]).map(({ request, headers, body }) => ({
    request,
    headers: headers.replace(/Bearer [\w-]{20,}/, "Bearer <key>"),
    body,
  }));
  const words = (started as { words: readonly string[] }).words.join(" ");
  return {
    words: words.replaceAll(packageFile(""), "<package>").replace(/ --cache-ram \d+/, ""),
    asked,
  };
}

function expectEachAlone(asked: readonly { readonly headers: string; readonly body?: unknown }[]): void {
  expect(asked.filter(({ headers }) => !headers.startsWith("close; Bearer <key>"))).toEqual([]);
  expect(JSON.stringify(asked)).not.toContain('"id_slot"');
}

it("a report of the doctor asks its questions", async () => {
  const words = ["doctor", "--report", join(folder, "report.md")];
  const { status, stderr } = await runCommandLine(words, {
    environment: { ...environment(), GPT_OSS_CONTEXT: "2048" },
    folder,
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(await readFile(join(folder, "report.md"), "utf8")).toContain("| Continue | yes |");
  const { words: started, asked } = await noted();
  expectEachAlone(asked);
  expect(started).toMatchSnapshot("command line");
  expect(
    asked.map((one) => JSON.parse(JSON.stringify(one).replace(/(The quick brown fox[^"\\]*)+/, "<filler>")) as unknown),
  ).toMatchSnapshot("requests");
}, 60_000);

it("a question starts a server, and asks it", async () => {
  const given = { environment: { ...environment(), GPT_OSS_CONTEXT: "2048" }, folder };
  const { status, stdout } = await runCommandLine(["ask", "こんにちは", "--effort", "low"], given);
  expect([status, stdout]).toEqual([0, "9\n"]);
  const { words, asked } = await noted();
  expectEachAlone(asked);
  expect({ words, asked }).toMatchSnapshot();
}, 60_000);

it("a model of the library starts one with the slots that it is to have", async () => {
  await using model = await createChatModel({
    environment: environment(),
    slots: 3,
    context: 1_024,
    now: new Date("2026-11-26T12:00"),
  });
  expect((await model.invoke("Hi")).text).toBe("9");
  const { words, asked } = await noted();
  expectEachAlone(asked);
  expect({ words, asked }).toMatchSnapshot();
}, 60_000);

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return String(port);
}

describe("flags say how a server is started", () => {
  it("by a question", async () => {
    const port = await freePort();
    const flags = ["--context", "1024", "--port", port, "--rpc", "192.0.2.1:50052", "--llama-server", program];
    const { GPT_OSS_LLAMA_SERVER: _unset, ...others } = environment();
    const { status } = await runCommandLine(["ask", "Hi", ...flags], { environment: others, folder });
    const { words } = await noted();
    expect([status, words]).toEqual([0, expect.stringContaining("--ctx-size 1024 ")]);
    expect(words).toContain(`--port ${port} `);
    expect(words).toMatch(/^--rpc 192\.0\.2\.1:50052 /);
  });

  it("by gpt-oss serve, whose log is followed until it is enough", async () => {
    const port = await freePort();
    const given = { environment: environment(), folder };
    const words = ["serve", "--context", "1024", "--parallel", "2", "--port", port, "--raw", "--detach"];
    const served = await runCommandLine(words, given);
    expect(served).toMatchObject({ status: 0, stdout: expect.stringContaining(`127.0.0.1:${port}/v1`) });
    expect((await noted()).words).toMatch(new RegExp(`--port ${port} --parallel 2 --ctx-size 2048 `));
    const enough = new AbortController();
    const following = runCommandLine(["serve", "logs", "--follow"], { ...given, signal: enough.signal });
    setTimeout(() => {
      enough.abort();
    }, 300);
    expect((await following).stdout).toContain("server is listening");
    expect((await runCommandLine(["serve", "stop"], given)).status).toBe(0);
    expect((await runCommandLine(["serve", "status"], given)).status).toBe(3);
  });

  it("by the doctor", async () => {
    const { GPT_OSS_LLAMA_SERVER: _unset, ...others } = environment();
    const words = ["doctor", "--json", "--llama-server", program];
    const { stdout } = await runCommandLine(words, { environment: others, folder });
    expect(stdout).toContain(program);
  });
});
