import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import { bundleProgram } from "../../support/bundle-program.ts";
import { cliEnvironment } from "../support/cli-environment.ts";
import { runCli } from "../support/run-cli.ts";

/** Stands for a client: it asks the gateway once, notes what it got, and ends with 7, or waits for a signal. */
const CLIENT = `#!${process.execPath}
const { readFileSync, writeFileSync } = await import("node:fs");
const words = process.argv.slice(2);
const { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: key } = process.env;
const settings = JSON.parse(readFileSync(words[words.indexOf("--settings") + 1], "utf8"));
const response = await fetch(url + "/v1/messages", {
  method: "POST",
  headers: { authorization: "Bearer " + key, connection: "close" },
  body: JSON.stringify({ model: "any", max_tokens: 100, messages: [{ role: "user", content: "Hi" }] }),
});
writeFileSync(process.env.CLIENT_NOTES, JSON.stringify({
  words, settings, environment: process.env, answer: await response.json(), cwd: process.cwd(),
}));
if (!words.includes("wait")) process.exit(7);
process.on("SIGTERM", () => process.exit(9));
console.log("waiting");
setInterval(() => undefined, 1_000);
`;

let folder: string;
let environment: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-launch-test-"));
  await bundleProgram("test/clients/support/llama-server.ts", join(folder, "llama-server"));
  await writeFile(join(folder, "claude"), CLIENT);
  await chmod(join(folder, "claude"), 0o755);
  await copyFile(packageFile("setup/demo-model/demo.gguf"), join(folder, "large.gguf"));
});
beforeEach(async () => {
  await mkdir(join(folder, "tmp"), { recursive: true });
  environment = {
    GPT_OSS_RUNTIME: await mkdtemp(join(folder, "run-")),
    GPT_OSS_MODEL: join(folder, "large.gguf"),
    GPT_OSS_LLAMA_SERVER: join(folder, "llama-server"),
    PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}`,
    GPT_OSS_IDLE_SECONDS: "0",
    TMPDIR: join(folder, "tmp"),
    CLIENT_NOTES: join(folder, "notes.json"),
  };
});
afterEach(async () => {
  await runCli(["serve", "stop"], { environment });
  await rm(environment["CLIENT_NOTES"] ?? "", { force: true });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Notes {
  readonly words: readonly string[];
  readonly settings: { readonly env: Readonly<Record<string, string>> };
  readonly environment: Readonly<Record<string, string>>;
  readonly answer: unknown;
  readonly cwd: string;
}

const notes = () => JSON.parse(readFileSync(environment["CLIENT_NOTES"] ?? "", "utf8")) as Notes;
const launch = async (...words: string[]) => await runCli(["launch", ...words], { environment, folder });
const temporaryFiles = async () =>
  (await readdir(join(folder, "tmp"))).filter((name) => name.startsWith("gpt-oss-launch-"));

describe("gpt-oss launch", () => {
  it("runs a client with its settings, passes on its words and its exit status, and cleans up", async () => {
    environment["ANTHROPIC_API_KEY"] = "sk-ant-mine";
    environment["GPT_OSS_API_KEY"] = "of-my-server";
    const { status, stderr } = await launch("claude", "--context", "65536", "--", "-p", "a b", "--verbose");
    expect({ status, stderr }).toEqual({ status: 7, stderr: "" });
    const { words, settings, environment: given, answer, cwd } = notes();
    expect(words.slice(2)).toEqual(["-p", "a b", "--verbose"]);
    expect(answer).toMatchObject({ content: [{ type: "text", text: "Hello." }] });
    expect(settings.env["ANTHROPIC_BASE_URL"]).toBe(given["ANTHROPIC_BASE_URL"]);
    expect(cwd).toBe(folder);
    expect(given).not.toHaveProperty("ANTHROPIC_API_KEY");
    expect(JSON.stringify(given)).not.toContain("of-my-server");
    expect(await temporaryFiles()).toEqual([]);
    expect((await runCli(["serve", "status"], { environment })).stdout).not.toContain("gateway");
  });

  it("passes a signal on to the client and ends with it", async () => {
    const words = ["launch", "claude", "--context", "65536", "--", "wait"];
    const child = spawn(process.execPath, [packageFile("dist/src/cli.js"), ...words], {
      env: cliEnvironment(environment),
    });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([9, null]);
    expect(await temporaryFiles()).toEqual([]);
  });

  it("refuses a model whose context is too small for the client, and does not run it", async () => {
    const model = environment["GPT_OSS_MODEL"] ?? "";
    const program = environment["GPT_OSS_LLAMA_SERVER"] ?? "";
    const words = ["--context", "8192", "--model", model, "--llama-server", program, "--rpc", "127.0.0.1:1"];
    const { status, stderr } = await launch("claude", ...words);
    expect(status).toBe(4);
    expect(stderr).toContain("8192");
    expect(existsSync(environment["CLIENT_NOTES"] ?? "")).toBe(false);
  });

  it("names the command that installs a client that is missing, and starts nothing", async () => {
    environment["PATH"] = "/usr/bin:/bin";
    const { status, stderr } = await launch("opencode");
    expect(status).toBe(3);
    expect(stderr).toContain("npm install --global opencode-ai");
    expect((await runCli(["serve", "status"], { environment })).status).toBe(3);
    expect((await launch("vim")).status).toBe(2);
  });

  it.each(["codex", "claude", "opencode"])(
    "prints the settings of %s for a shell, with the key quoted",
    async (name) => {
      const key = "a'b$(touch x)";
      expect((await runCli(["serve", "--detach", "--api-key", key], { environment })).status).toBe(0);
      const { status, stdout, stderr } = await launch(name, "--print", "--", "two words");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const shell = spawn("sh", ["-c", `${name}() { env; printf '<%s>' "$@"; }; eval "$1"`, "sh", stdout], {
        env: { PATH: "/usr/bin:/bin" },
        cwd: folder,
      });
      let text = "";
      for await (const piece of shell.stdout.setEncoding("utf8")) text += String(piece);
      expect(text).toContain(key);
      expect(text).toContain("<two words>");
      expect(existsSync(join(folder, "x"))).toBe(false);
    },
  );

  it("prints the form of the settings where no server runs, and says so", async () => {
    const { status, stdout, stderr } = await launch("codex", "--print");
    expect(status).toBe(0);
    expect(stdout).toContain("model_provider");
    expect(stderr).toContain("serve --detach");
  });
});
