import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../src/platform/folders.ts";
import { bundleProgram } from "../support/bundle-program.ts";
import { installClients } from "./support/install-clients.ts";

/**
 * The real clients, with `gpt-oss launch` or the variables of `gpt-oss serve`, in front of a llama-server by a script: a plain answer, and a
 * loop of two tool calls that the client executes. They are installed once, and anew with each version that the list names.
 */
let folder: string;
let bin: string;
let environment: Record<string, string>;
beforeAll(async () => {
  bin = await installClients();
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-clients-"));
  await bundleProgram("test/clients/support/llama-server.ts", join(folder, "llama-server"));
  // a file of the user's: the demo model's own context is smaller than the clients' first prompts
  await copyFile(packageFile("setup/demo-model/demo.gguf"), join(folder, "scripted.gguf"));
  for (const name of ["home", "work", "run"]) await mkdir(join(folder, name), { mode: 0o700 });
  environment = {
    PATH: [bin, process.env["PATH"] ?? ""].join(delimiter),
    HOME: join(folder, "home"),
    LC_ALL: "C.UTF-8",
    GPT_OSS_CACHE: join(folder, "cache"),
    GPT_OSS_DATA: join(folder, "data"),
    GPT_OSS_RUNTIME: join(folder, "run"),
    GPT_OSS_LLAMA_SERVER: join(folder, "llama-server"),
    GPT_OSS_MODEL: join(folder, "scripted.gguf"),
    GPT_OSS_CONTEXT: "65536",
  };
}, 600_000);
afterAll(async () => {
  await run(process.execPath, [packageFile("dist/src/cli.js"), "serve", "stop"]);
  await rm(folder, { recursive: true, force: true });
});

interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(program: string, words: readonly string[], more: Record<string, string> = {}): Promise<Result> {
  const child = spawn(program, words, {
    cwd: join(folder, "work"),
    env: { ...environment, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.stderr += text));
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, ...texts };
}

const launch = async (client: string, words: readonly string[]) =>
  await run(process.execPath, [packageFile("dist/src/cli.js"), "launch", client, "--", ...words]);

/** How each client is asked one thing without a terminal, and allowed to run its shell. */
const COMMANDS: Readonly<Record<string, (question: string) => readonly string[]>> = {
  codex: (question) => ["exec", "--skip-git-repo-check", question],
  claude: (question) => ["-p", question, "--allowedTools", "Bash"],
  opencode: (question) => ["run", question],
};

describe.each(Object.entries(COMMANDS))("%s", (client, words) => {
  it("gives a plain answer", async () => {
    const result = await launch(client, words("Hi"));
    expect(result).toMatchObject({ status: 0 });
    expect(result.stdout).toContain("Hello.");
  });

  it("executes two calls, one after the other, and gives the answer", async () => {
    const result = await launch(client, words("Use the TOOLS"));
    expect(result).toMatchObject({ status: 0 });
    expect(result.stdout).toMatch(/Results: .*one2.*three4/);
  });
});

describe("libraries, by the variables that serve prints", () => {
  let variables: Record<string, string>;
  beforeAll(async () => {
    const { stdout } = await run(process.execPath, [packageFile("dist/src/cli.js"), "serve", "--detach"]);
    variables = Object.fromEntries(
      [...stdout.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
    );
  });

  it.each(["openai", "openai-agents", "ai-sdk"])(
    "%s gives a plain answer and runs a loop of two calls",
    async (name) => {
      const script = join(bin, "..", "..", `${name}.mjs`);
      await copyFile(packageFile(`test/clients/support/${name}.mjs`), script);
      const result = await run(process.execPath, [script], variables);
      expect(result).toMatchObject({ status: 0, stderr: "" });
      expect(JSON.parse(result.stdout)).toMatchObject({
        plain: "Hello.",
        commands: ["echo one$((1+1))", "echo three$((2+2))"],
        answer: expect.stringMatching(/^Results: .*one2.*three4/),
      });
    },
  );
});
