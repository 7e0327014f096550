import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
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
  it("serves parsed answers in the foreground until Ctrl-C, with the key out of sight", async () => {
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
    const { servers } = JSON.parse((await cli("serve", "status", "--json")).stdout) as { servers: [{ pid: number }] };
    expect(servers).toMatchObject([
      { model: "demo", mode: "parsed", slots: 2, contextPerSlot: 8_192, leases: [child.pid] },
    ]);
    expect(commandLineOf(servers[0].pid)).toContain("--parallel 2 --ctx-size 16384");
    expect(commandLineOf(servers[0].pid)).not.toContain("chosen-key");
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
    expect(await gone(servers[0].pid)).toBe(true);
  });

  it("keeps a raw one that a chat uses, shows its log, and stops it", async () => {
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
      /^demo \(raw\) 稼働中 http:\/\/127\.0\.0\.1:\d+、pid \d+: 1 スロット \(各 8192 トークン\)、serve stop まで常駐\n$/,
    );
    expect((await cli("serve", "stop")).stderr).toBe("Stopped 1 server.\n");
    expect(await cli("serve", "status")).toEqual({ status: 3, stdout: "No server is running.\n", stderr: "" });
    expect((await japanese("status")).stdout).toBe("動いているサーバーはありません。\n");
  });

  it("lets other machines in only with a key", async () => {
    const refused = await cli("serve", "--model", "demo", "--host", "0.0.0.0");
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(
      /^--host 0\.0\.0\.0 accepts connections from other machines and requires an API key\.\n/,
    );
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

  // the keys of a server that speaks for itself (the gateway) are still to come
  it.failing("refuses a key that llama-server reads differently", async () => {
    for (const key of [",", "a,b", " "]) {
      const { status } = await cli("serve", "--model", "demo", "--host", "0.0.0.0", "--api-key", key, "--detach");
      expect({ key, status }).toEqual({ key, status: 2 });
    }
  });

  it.failing("quotes what it prints for a shell", async () => {
    const folder = environment["GPT_OSS_RUNTIME"] ?? "";
    const { stdout } = await cli("serve", "--model", "demo", "--api-key", `a$(touch ${folder}/b)b`, "--detach");
    spawnSync("sh", ["-c", 'eval "$1"', "sh", stdout]);
    expect(existsSync(join(folder, "b"))).toBe(false);
  });

  // the header of the file is not read yet
  it.failing("gives a model of the user's the context that its file names", async () => {
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

  it.failing("neutralizes control tokens in what other programs send", async () => {
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
