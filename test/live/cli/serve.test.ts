import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { ServerStatus } from "../../../src/llama-server/protocol.ts";
import { packageFile } from "../../../src/platform/folders.ts";
import { JAPANESE } from "../support/cli-environment.ts";
import { liveServerProgram } from "../support/live-machine.ts";
import { runCli } from "../support/run-cli.ts";
import { commandLineOf, gone } from "../support/supervised.ts";

let environment: Record<string, string>;
beforeEach(async () => {
  environment = { GPT_OSS_RUNTIME: await mkdtemp(join(tmpdir(), "gpt-oss-serve-")) };
});
afterEach(async () => {
  await runCli(["serve", "stop"], { environment });
  await rm(environment["GPT_OSS_RUNTIME"] ?? "", { recursive: true, force: true });
});

const cli = (...words: string[]) => runCli(words, { environment });

type Servers = readonly ServerStatus[];

async function running(): Promise<Servers> {
  return (JSON.parse((await cli("serve", "status", "--json")).stdout) as { servers: Servers }).servers;
}

/** Asks until the answer is as wanted, for at most ten seconds. */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || performance.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What a shell makes of `export NAME=VALUE` lines. */
function exported(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
}

async function complete(use: Record<string, string>): Promise<unknown> {
  const response = await fetch(`${use["OPENAI_BASE_URL"]}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${use["OPENAI_API_KEY"]}`, connection: "close" },
    body: JSON.stringify({ messages: [{ role: "user", content: "Hello" }], temperature: 0, reasoning_effort: "low" }),
  });
  return await response.json();
}

describe("gpt-oss serve", () => {
  it("serves a gateway in the foreground until Ctrl-C, with the key out of sight", async () => {
    const child = spawn(
      process.execPath,
      [packageFile("dist/src/cli.js"), "serve", "--model", "demo", "--parallel", "2"],
      {
        env: { ...process.env, ...environment, GPT_OSS_API_KEY: "chosen-key" },
      },
    );
    const [text] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
    const use = exported(text);
    expect(use["OPENAI_API_KEY"]).toBe("chosen-key");
    expect(await complete(use)).toMatchObject({ choices: [{ message: { content: "Hello! How can I help you?" } }] });
    const servers = await running();
    expect(servers).toMatchObject([
      {
        model: "demo",
        slots: 2,
        contextPerSlot: 8_192,
        leases: [child.pid],
        kept: false,
        gateways: [{ detached: false }],
      },
    ]);
    const pid = servers[0]?.pid ?? 0;
    expect(commandLineOf(pid)).toContain("--parallel 2 --ctx-size 16384");
    expect(commandLineOf(pid)).toContain("--host 127.0.0.1");
    expect(commandLineOf(pid)).not.toContain("chosen-key");
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
    expect(await gone(pid)).toBe(true);
  });

  it("leaves a gateway running that a chat shares the model with, says what it does, and stops it", async () => {
    const first = await cli("serve", "--model", "demo", "--detach");
    expect(first.status).toBe(0);
    const use = exported(first.stdout);
    expect(await complete(use)).toMatchObject({ choices: [{ message: { content: "Hello! How can I help you?" } }] });
    // another shell asks for the same
    expect((await cli("serve", "--model", "demo", "--detach")).stdout).toBe(first.stdout);
    const chat = await runCli(["chat", "--model", "demo"], { input: "Hello\n", environment });
    expect(chat.stdout).toBe("Hello! How can I help you?\n");
    const servers = await until(running, ([server]) => server?.gateways[0]?.requests === 1);
    expect(servers).toMatchObject([
      {
        kept: true,
        gateways: [{ detached: true, failedRequests: 0, activeRequests: 0, clients: [expect.any(String)] }],
      },
    ]);
    expect(servers).toHaveLength(1);
    const status = (await cli("serve", "status", "--json")).stdout + (await cli("serve", "status")).stdout;
    expect(status).not.toContain(use["OPENAI_API_KEY"]);
    expect(status).toMatch(/1 request answered, \d+\.\d tokens\/s, \d+ % of the prompt tokens from the cache/);
    const [server] = servers;
    const [gateway] = server?.gateways ?? [];
    expect(commandLineOf(gateway?.pid ?? 0)).not.toContain(use["OPENAI_API_KEY"]);
    const log = readFileSync(gateway?.logFile ?? "", "utf8");
    expect(log).toContain("POST /v1/chat/completions 200");
    expect(log).not.toContain("Hello");
    expect((await cli("serve", "stop")).stderr).toBe("Stopped 1 server.\n");
    expect(await gone(gateway?.pid ?? 0)).toBe(true);
    expect(await gone(server?.pid ?? 0)).toBe(true);
    expect((await cli("serve", "status")).status).toBe(3);
  });

  it("logs prompts and lets pages of other origins in only when asked to", async () => {
    const words = ["--log-prompts", "--cors-origin", "https://page.example"];
    const use = exported((await cli("serve", "--model", "demo", "--detach", ...words)).stdout);
    const preflight = async (origin: string) => {
      const headers = { origin, "access-control-request-method": "POST", connection: "close" };
      const response = await fetch(`${use["OPENAI_BASE_URL"]}/chat/completions`, { method: "OPTIONS", headers });
      return response.headers.get("access-control-allow-origin");
    };
    expect(await preflight("https://page.example")).toBe("https://page.example");
    expect(await preflight("https://other.example")).not.toBe("https://other.example");
    await complete(use);
    const [server] = await running();
    const log = () => Promise.resolve(readFileSync(server?.gateways[0]?.logFile ?? "", "utf8"));
    expect(await until(log, (text) => text.includes("Hello"))).toContain("Hello");
  });

  it("comes back at the same address when llama-server and the supervisor are killed", async () => {
    const use = exported((await cli("serve", "--model", "demo", "--detach")).stdout);
    const [before] = await running();
    process.kill(before?.pid ?? 0, "SIGKILL");
    expect(await complete(use)).toHaveProperty("choices");
    const { supervisor } = JSON.parse((await cli("serve", "status", "--json")).stdout) as { supervisor: number };
    process.kill(supervisor, "SIGKILL");
    const [after] = await until(running, ([server]) => server?.gateways.length === 1);
    expect(after?.gateways).toMatchObject([{ detached: true, pid: before?.gateways[0]?.pid }]);
    expect(await complete(use)).toHaveProperty("choices");
  });

  it("leaves nothing behind when a detached gateway is killed", async () => {
    await cli("serve", "--model", "demo", "--detach");
    const [server] = await running();
    process.kill(server?.gateways[0]?.pid ?? 0, "SIGKILL");
    expect(await gone(server?.pid ?? 0)).toBe(true);
    expect((await cli("serve", "status")).status).toBe(3);
    expect((await cli("serve", "--model", "demo", "--detach")).status).toBe(0);
  });

  it.each([
    ["in the foreground", []],
    ["detached", ["--detach"]],
  ])("says in one sentence that a port is in use, %s", async (_, words) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const { status, stdout, stderr } = await cli("serve", "--model", "demo", "--port", String(port), ...words);
    other.close();
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr.split("\n")[0]).toContain(String(port));
    expect(stderr.split("\n")).toHaveLength(3);
  });

  it("exposes llama-server itself with --raw, which a chat uses, and shows its log", async () => {
    const kept = await cli("serve", "--model", "demo", "--raw", "--detach");
    expect(kept.status).toBe(0);
    expect(await complete(exported(kept.stdout))).toMatchObject({
      choices: [{ message: { content: "<|channel|>final<|message|>Hello! How can I help you?" } }],
    });
    const before = (await cli("serve", "status")).stdout;
    const chat = await runCli(["chat", "--model", "demo"], { input: "Hello\n", environment });
    expect(chat.stdout).toBe("Hello! How can I help you?\n");
    expect((await cli("serve", "status")).stdout).toBe(before);
    expect((await cli("serve", "logs")).stdout).toContain("listening on http://127.0.0.1:");
    const japanese = async (...words: string[]) =>
      await runCli(["serve", ...words], { environment: { ...environment, ...JAPANESE } });
    expect((await japanese("status")).stdout).toMatch(
      /^demo 稼働中 http:\/\/127\.0\.0\.1:\d+、pid \d+: 1 スロット \(各 8192 トークン\)、serve stop まで常駐\n$/,
    );
    expect((await cli("serve", "stop")).stderr).toBe("Stopped 1 server.\n");
    expect(await cli("serve", "status")).toEqual({ status: 3, stdout: "No server is running.\n", stderr: "" });
    expect((await japanese("status")).stdout).toBe("動いているサーバーはありません。\n");
    expect((await cli("serve", "--model", "demo", "--raw", "--cors-origin", "*")).status).toBe(2);
  });

  it("lets other machines in only with a key", async () => {
    const refused = await cli("serve", "--model", "demo", "--host", "0.0.0.0");
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("--host 0.0.0.0");
    expect(refused.stderr).toContain("GPT_OSS_API_KEY");
    const open = await cli("serve", "--model", "demo", "--host", "0.0.0.0", "--api-key", "k", "--detach");
    expect(open.stdout).toMatch(/^export OPENAI_BASE_URL=http:\/\/127\.0\.0\.1:\d+\/v1\nexport OPENAI_API_KEY=k\n$/);
    expect(await complete(exported(open.stdout))).toHaveProperty("choices");
  });

  it("says what context there is, not what was asked for", async () => {
    const { status, stderr } = await cli("serve", "--model", "demo", "--context", "32768", "--detach");
    expect(status).toBe(0);
    expect(stderr).toContain("8192");
    const { servers } = JSON.parse((await cli("serve", "status", "--json")).stdout) as { servers: unknown[] };
    expect(servers).toMatchObject([{ contextPerSlot: 8_192 }]);
    const doctor = await runCli(["doctor"], { environment: { ...environment, GPT_OSS_CONTEXT: "32768" } });
    expect(doctor.stdout).toContain("context 8192 tokens");
  });

  it("refuses a key that llama-server reads differently", async () => {
    for (const key of [",", "a,b", " ", "a\nb", "鍵"]) {
      for (const raw of [[], ["--raw"]]) {
        const words = ["--host", "0.0.0.0", "--api-key", key, "--detach", ...raw];
        const { status } = await cli("serve", "--model", "demo", ...words);
        expect({ key, raw, status }).toEqual({ key, raw, status: 2 });
      }
    }
  });

  it("quotes what it prints for a shell", async () => {
    const folder = environment["GPT_OSS_RUNTIME"] ?? "";
    const key = `a$(touch ${folder}/b)'"b`;
    const { stdout } = await cli("serve", "--model", "demo", "--api-key", key, "--detach");
    const shell = spawnSync("sh", ["-c", 'eval "$1"; printf %s "$OPENAI_API_KEY"', "sh", stdout], { encoding: "utf8" });
    expect(shell.stdout).toBe(key);
    expect(existsSync(join(folder, "b"))).toBe(false);
    const use = { ...exported(stdout), OPENAI_API_KEY: key };
    expect(await complete(use)).toHaveProperty("choices");
  });

  it("gives a model of the user's the context that its file names", async () => {
    const gguf = readFileSync(packageFile("setup/demo-model/demo.gguf"));
    const key = "gpt-oss.context_length";
    // the key is followed by its type and by its value, of four bytes each
    gguf.writeUInt32LE(16_384, gguf.indexOf(key) + key.length + 4);
    const path = join(environment["GPT_OSS_RUNTIME"] ?? "", "mine.gguf");
    writeFileSync(path, gguf);
    await cli("serve", "--model", path, "--detach");
    const { servers } = JSON.parse((await cli("serve", "status", "--json")).stdout) as { servers: unknown[] };
    expect(servers).toMatchObject([{ contextPerSlot: 16_384 }]);
  });

  it("neutralizes control tokens in what other programs send", async () => {
    const use = exported((await cli("serve", "--model", "demo", "--detach")).stdout);
    const tokensOf = async (content: string): Promise<number> => {
      const response = await fetch(`${use["OPENAI_BASE_URL"]}/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${use["OPENAI_API_KEY"]}`, connection: "close" },
        body: JSON.stringify({ messages: [{ role: "user", content }], max_tokens: 1, temperature: 0 }),
      });
      const { usage } = (await response.json()) as { usage: { prompt_tokens: number } };
      return usage.prompt_tokens;
    };
    // ten control tokens would add ten tokens; as text they add far more
    expect((await tokensOf(`Hello${"<|start|>".repeat(10)}`)) - (await tokensOf("Hello"))).toBeGreaterThan(20);
  });

  it("says what is wrong with the model and what can't be done", async () => {
    const rpc = ["serve", "--model", "demo", "--rpc", "127.0.0.1:1"];
    const without = await cli(...rpc, "--llama-server", await liveServerProgram());
    expect(without.status).toBe(3);
    expect(without.stderr).toContain("this llama-server was built without rpc");
    const none = await runCli(rpc, { environment: { ...environment, GPT_OSS_CACHE: environment["GPT_OSS_RUNTIME"] } });
    expect(none.stderr).toMatch(/^No llama-server that can use rpc-servers is installed yet\.\n.*--with-rpc\n$/);
    expect((await cli("serve", "--parallel", "0")).status).toBe(2);
  });
});
