import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { llamaFolders, packageFile } from "../../../src/platform/folders.ts";
import { findModel } from "../../../src/llama-server/model-catalogue.ts";
import { freeDisk } from "../../../src/platform/platform.ts";
import { LLAMA_CPP } from "../../../src/llama-server/llama-cpp-version.ts";
import { HuggingFace, REPOSITORY } from "../../support/hugging-face.ts";
import { JAPANESE } from "../support/cli-environment.ts";
import { liveCache, liveServerProgram } from "../support/live-machine.ts";
import { processesLeft } from "../support/processes.ts";
import { runCli } from "../support/run-cli.ts";
import { Terminal } from "../support/terminal.ts";

/** The disk is checked for gpt-oss-20b's whole length before the first byte. */
const onLargeDisk = (await freeDisk(tmpdir())) > 13e9 ? it : it.skip;

let folder: string;
let cache: string;
const terminals: Terminal[] = [];
const servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-setup-"));
  cache = join(folder, "cache");
});
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.kill();
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true, force: true });
});

function openSetup(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Terminal {
  const terminal = new Terminal(["setup", ...words], {
    GPT_OSS_CACHE: cache,
    HF_HUB_CACHE: join(folder, "hub"),
    ...environment,
  });
  terminals.push(terminal);
  return terminal;
}

/** A program of the test's making, in front of the real ones. */
async function programFirst(name: string, script: string): Promise<Record<string, string>> {
  const programs = join(folder, "programs");
  await mkdir(programs, { recursive: true });
  await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(programs, name), 0o755);
  return { PATH: programs + delimiter + (process.env["PATH"] ?? "") };
}

/** Ctrl-C ends setup with 130 and leaves no process with the test's folder in its command line. */
async function expectStopped(setup: Terminal): Promise<void> {
  setup.type("\u0003");
  await setup.expect(/Interrupted: .+\.\n/);
  expect(await setup.exitStatus()).toBe(130);
  expect(await processesLeft(folder)).toEqual([]);
}

describe("setup", () => {
  it("verifies a server and the demo model once, and skips what is done after that", async () => {
    const words = ["setup", "--model", "demo", "--llama-server", await liveServerProgram()];
    const environment = { GPT_OSS_CACHE: cache };
    const first = await runCli(words, { environment });
    expect(first).toMatchObject({ status: 0, stdout: "" });
    expect(first.stderr).toMatch(
      /\[6\/6\] verify +prompt [\d.,]+ tokens\/s, answer [\d.,]+ tokens\/s; on the CPU \([\d.]+ s\)/,
    );
    expect(first.stderr).toContain("Ready. Start a chat with: npx gpt-oss chat --model demo");
    const again = await runCli(words, { environment });
    expect(again.status).toBe(0);
    // the platform is looked at each time
    expect(again.stderr.match(/\(already done\)/g)).toHaveLength(5);
    const japanese = await runCli(words, { environment: { ...environment, ...JAPANESE } });
    expect(japanese.stderr).toMatch(/^\[1\/6\] 環境 {4}\S+ \S+、メモリー [\d.]+ GB、ディスクの空き .+ 秒\)$/m);
    expect(japanese.stderr).toMatch(/^\[2\/6\] ツール {2}llama-server があるため不要です \(完了済み\)$/m);
    expect(japanese.stderr).toMatch(
      /^\[6\/6\] 確認 {4}プロンプト 毎秒 [\d.,]+ トークン、.+、CPU で動作 \(完了済み\)$/m,
    );
    expect(japanese.stderr.match(/\(完了済み\)/g)).toHaveLength(5);
    expect(japanese.stderr).toMatch(/準備ができました。.*: npx gpt-oss chat --model demo\n$/);
  });

  it("installs a model from the Hub and a file of the user's, which other commands choose by name", async () => {
    const demo = packageFile("setup/demo-model/demo.gguf");
    const hub = await new HuggingFace({
      "tiny-Q4_0.gguf": await readFile(demo),
      "tiny-F16.gguf": Buffer.from("x"),
    }).start();
    try {
      const server = await liveServerProgram();
      const environment = {
        GPT_OSS_CACHE: cache,
        GPT_OSS_DATA: join(folder, "data"),
        HF_HUB_CACHE: join(folder, "hub"),
        HF_ENDPOINT: hub.endpoint,
      };
      const setup = (words: readonly string[]) =>
        runCli(["setup", ...words, "--llama-server", server], { environment });
      const ambiguous = await setup(["--model", `hf:${REPOSITORY}`]);
      expect(ambiguous.status).toBe(2);
      expect(ambiguous.stderr).toMatch(/Q4_0 .*\n.*F16 /);
      const plan = await setup(["--model", `hf:${REPOSITORY}:Q4_0`, "--dry-run"]);
      expect(plan.stdout).toContain("tiny-Q4_0.gguf");
      const installed = await setup(["--model", `hf:${REPOSITORY}:Q4_0`, "--yes"]);
      expect(installed.stderr).toContain("chat --model tiny-Q4_0");
      expect(installed.status).toBe(0);
      const named = await setup(["--model", demo, "--name", "mine"]);
      expect(named.stderr).toContain("chat --model mine");
      for (const model of ["tiny-Q4_0", "mine"]) {
        const options = { environment: { ...environment, GPT_OSS_LLAMA_SERVER: server } };
        const answer = await runCli(["ask", "Hello", "--model", model, "--no-save"], options);
        expect(answer).toMatchObject({ status: 0 });
        expect(answer.stdout).not.toBe("");
      }
      const list = await runCli(["setup", "--list"], { environment });
      expect(list.stdout).toMatch(/^tiny-Q4_0 .*hf:/m);
      expect((await runCli(["setup", "--remove", "tiny-Q4_0"], { environment })).status).toBe(0);
      expect(await readdir(join(folder, "hub"))).toEqual([]);
    } finally {
      await hub.stop();
    }
  });

  it("shows every byte and command for a Mac, and fetches nothing without a yes", async () => {
    const plan = await runCli(["setup", "--dry-run", "--platform", "darwin-arm64"]);
    expect(plan).toMatchObject({ status: 0, stderr: "" });
    expect(plan.stdout).toContain("-DGGML_METAL=ON");
    expect(plan.stdout).toContain("12,109,566,560 bytes, SHA-256 be37a636");
    const server = await liveServerProgram();
    const { status, stderr } = await runCli(["setup", "--llama-server", server], {
      environment: { GPT_OSS_CACHE: cache, HF_HUB_CACHE: join(folder, "hub") },
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/Download gpt-oss-20b, 12\.1 GB\?.*\n.*--yes.*\n$/);
    expect(existsSync(join(folder, "hub"))).toBe(false);
  });

  it("asks on a terminal, where Ctrl-C leaves at once and no declines", async () => {
    const words = ["--llama-server", await liveServerProgram()];
    const asked = openSetup(words);
    await asked.expect(/Download gpt-oss-20b, 12\.1 GB\? \[Y\/n\] /);
    asked.type("\u0003");
    expect(await asked.exitStatus()).toBe(130);
    const declined = openSetup(words);
    await declined.expect(/Download gpt-oss-20b, 12\.1 GB\? \[Y\/n\] /);
    declined.type("n\r");
    await declined.expect(/the download was declined/);
    expect(await declined.exitStatus()).toBe(130);
  });

  it("speaks Japanese in a build that a chat begins, asked for with --lang", async () => {
    const slow = await programFirst("cmake", "sleep 60");
    const chat = new Terminal(["chat", "--model", "demo", "--lang", "ja"], { GPT_OSS_CACHE: cache, ...slow });
    terminals.push(chat);
    await chat.expect(/\[1\/6\] 環境 .* 秒\)\n/);
    await chat.expect(/\[2\/6\] ツール {2}git、cmake、C\+\+17 コンパイラーを探しています/);
    chat.type("\u0003");
    expect(await chat.exitStatus()).toBe(130);
  });

  it("lists what is installed and takes it away", async () => {
    const build = llamaFolders(cache, LLAMA_CPP.tag, "cpu").build;
    await cp(llamaFolders(liveCache(), LLAMA_CPP.tag, "cpu").build, build, { recursive: true });
    const environment = { GPT_OSS_CACHE: cache, HF_HUB_CACHE: join(folder, "hub") };
    const { stdout } = await runCli(["setup", "--list"], { environment });
    expect(stdout).toMatch(/^v0\.5\.0-cpu +[\d.]+ MB +llama-server 0\.5\.0/m);
    expect(stdout).toMatch(/^demo +2\.58 MB +model, included in the package$/m);
    const japanese = await runCli(["setup", "--list"], { environment: { ...environment, ...JAPANESE } });
    expect(japanese.stdout).toMatch(/^demo +2\.58 MB +モデル \(パッケージに付属\)$/m);
    const removed = await runCli(["setup", "--remove", "v0.5.0-cpu"], { environment });
    expect(removed.stdout).toMatch(/^Removed v0\.5\.0-cpu, [\d.]+ MB\.\n$/);
    expect(existsSync(build)).toBe(false);
    expect(await runCli(["setup", "--remove", "v0.5.0-cpu"], { environment })).toMatchObject({ status: 2 });
    expect(await runCli(["setup", "--remove", "demo"], { environment })).toMatchObject({ status: 2 });
  });
});

describe("Ctrl-C during setup", () => {
  const words = ["--model", "demo", "--gpu", "cpu"];

  it("stops it while it looks for the tools", async () => {
    const setup = openSetup(words, await programFirst("cmake", `echo ${folder} >/dev/null; sleep 60`));
    await setup.expect(/\[2\/6\] toolchain/);
    await expectStopped(setup);
  });

  it("stops it while it fetches the source, from a host that says nothing", async () => {
    const silent = await listen(createServer());
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/llama.cpp.git`;
    const setup = openSetup(words, { GPT_OSS_LLAMA_CPP_URL: url });
    await setup.expect(/\[3\/6\] source/);
    await expectStopped(setup);
    expect(existsSync(llamaFolders(cache, LLAMA_CPP.tag, "cpu").source)).toBe(false);
  });

  it("stops the compilers, and the next run continues where they were", async () => {
    const folders = llamaFolders(cache, LLAMA_CPP.tag, "cpu");
    await cp(llamaFolders(liveCache(), LLAMA_CPP.tag, "cpu").source, folders.source, { recursive: true });
    const first = openSetup(words);
    // at the first percent no file may be compiled yet
    await first.expect(/\[4\/6\] build .* (?:[3-9]|\d\d) % compiling/);
    await expectStopped(first);
    expect(existsSync(folders.lock)).toBe(false);
    const objects = await objectFiles(folders.buildTree);
    expect(objects.length).toBeGreaterThan(0);
    const second = openSetup(words);
    await second.expect(/\[3\/6\] source .*already done/);
    await second.expect(/\[4\/6\] build .* [1-9]\d* % compiling/);
    await expectStopped(second);
    expect(await objectFiles(folders.buildTree)).toEqual(expect.arrayContaining(objects));
  }, 180_000);

  onLargeDisk("stops the download, and the next run goes on at its byte", async () => {
    const hub = await endlessHub();
    const download = ["--yes", "--llama-server", await liveServerProgram()];
    const first = openSetup(download, { HF_ENDPOINT: hub.url });
    await first.expect(/\[5\/6\] model .*downloading/);
    await first.expect(/ MB of 12\.1 GB/);
    await expectStopped(first);
    const blobs = join(folder, "hub", "models--ggml-org--gpt-oss-20b-GGUF", "blobs");
    const [partial = "", ...others] = await readdir(blobs);
    expect([partial.endsWith(".incomplete"), others]).toEqual([true, []]);
    const kept = (await stat(join(blobs, partial))).size;
    const second = openSetup(download, { HF_ENDPOINT: hub.url });
    await second.expect(/\[5\/6\] model .*downloading/);
    await expectStopped(second);
    expect(hub.offsets).toEqual([0, kept]);
  });

  it("stops the server that it verifies", async () => {
    const program = await liveServerProgram();
    // a large model takes its time to load
    await programFirst("slow-server", `[ "$1" = --version ] && exec ${program} "$@"; sleep 60; exec ${program} "$@"`);
    const setup = openSetup(["--model", "demo", "--llama-server", join(folder, "programs", "slow-server")]);
    await setup.expect(/\[6\/6\] verify/);
    await expectStopped(setup);
  });
});

/** Stands in for Hugging Face: gpt-oss-20b's length and hash, and zeros without end. */
async function endlessHub() {
  const [file] = findModel("gpt-oss-20b")?.files ?? [];
  if (file === undefined) throw new Error("gpt-oss-20b is not in the catalogue");
  const offsets: number[] = [];
  const server = createHttpServer((request, response) => {
    const offset = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    offsets.push(offset);
    response.writeHead(offset > 0 ? 206 : 200, {
      "x-linked-size": file.bytes,
      "x-linked-etag": `"${file.sha256}"`,
      "content-length": file.bytes - offset,
      ...(offset > 0 && { "content-range": `bytes ${offset}-${file.bytes - 1}/${file.bytes}` }),
    });
    const timer = setInterval(() => response.write(Buffer.alloc(1_000_000)), 10);
    response.on("close", () => {
      clearInterval(timer);
    });
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    offsets,
  };
}

async function objectFiles(tree: string): Promise<string[]> {
  const names = await readdir(tree, { recursive: true });
  return names.filter((name) => name.endsWith(".o")).toSorted();
}

async function listen(server: Server): Promise<Server> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
