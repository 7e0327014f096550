import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { runCli } from "../support/run-cli.ts";
import { startScriptedServer } from "../support/scripted-server.ts";

let folder: string;
let server: LiveServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-ask-"));
  server = await startLiveServer();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** On the server of this file, at the temperature of the demo model. */
const ask = (words: readonly string[], input = "") =>
  runCli(["ask", ...words], {
    input,
    folder,
    environment: {
      OPENAI_BASE_URL: `${server.baseUrl}/v1`,
      OPENAI_API_KEY: server.apiKey,
      GPT_OSS_MODEL: "demo",
      GPT_OSS_DATA: folder,
    },
  });

describe("ask", () => {
  it("answers on standard output, and says nothing else anywhere", async () => {
    expect(await ask(["Hello"])).toEqual({ status: 0, stdout: "Hello! How can I help you?\n", stderr: "" });
  });

  it("names the other machine to which a .env of the folder sends messages", async () => {
    writeFileSync(join(folder, ".env"), "OPENAI_BASE_URL=http://server.invalid/v1\n");
    const environment = { GPT_OSS_DATA: folder, OPENAI_BASE_URL: undefined };
    const { stderr } = await runCli(["ask", "Hello"], { folder, environment });
    rmSync(join(folder, ".env"));
    expect(stderr).toMatch(/^Your messages are sent to http:\/\/server\.invalid\/v1 \(set in .*\.env\)\.\n/);
  });

  it("takes the question from a pipe, and both together", async () => {
    expect((await ask([], "Hello\n")).stdout).toBe("Hello! How can I help you?\n");
    const { stdout } = await ask(["--json", "Repeat:"], "blue sky\n");
    expect(JSON.parse(stdout)).toMatchObject({ finishReason: "stop" });
  });

  it("knows the system message, from the command line and from a file", async () => {
    expect((await ask(["--system", "My name is Carol.", "What is my name?"])).stdout).toBe("Your name is Carol.\n");
    writeFileSync(join(folder, "system.txt"), "My name is Dave.\n");
    expect((await ask(["--system", "@system.txt", "What is my name?"])).stdout).toBe("Your name is Dave.\n");
  });

  it("fills a prompt's variables, and names those that are missing or unknown", async () => {
    writeFileSync(join(folder, "hi.md"), "---\nname: hi\nvariables: [who]\n---\n\nMy name is {{who}}.\n");
    const path = join(folder, "hi.md");
    expect((await ask(["--prompt", path, "--var", "who=Eve", "What is my name?"])).status).toBe(0);
    const missing = await ask(["--prompt", path, "Hello"]);
    expect(missing).toMatchObject({ status: 2, stdout: "" });
    expect(missing.stderr).toBe("The prompt hi needs a value for who.\nPass it with --var who=…\n");
    expect((await ask(["--prompt", path, "--var", "who=Eve", "--var", "x=1", "Hello"])).stderr).toContain(
      "no variable x",
    );
    expect((await ask(["--var", "who", "Hello"])).stderr).toContain("NAME=VALUE");
    expect((await ask(["--lang", "ja", "--var", "who", "Hello"])).stderr).toMatch(/[ぁ-ん]/);
  });

  it("keeps to a schema, by file and as it stands", async () => {
    const schema = {
      type: "object",
      properties: { name: { type: "string" }, age: { type: "integer" } },
      required: ["name", "age"],
      additionalProperties: false,
    };
    writeFileSync(join(folder, "schema.json"), JSON.stringify(schema));
    for (const given of ["schema.json", JSON.stringify(schema)]) {
      const { stdout, status } = await ask(["--schema", given, "Extract JSON: Bob is 42 years old."]);
      expect({ status, value: JSON.parse(stdout) as unknown }).toEqual({ status: 0, value: { name: "Bob", age: 42 } });
    }
    expect((await ask(["--schema", "{nonsense", "Hello"])).status).toBe(2);
    expect((await ask(["--schema", "nowhere.json", "Hello"])).stderr).toContain("nowhere.json");
  });

  it("prints one envelope with --json", async () => {
    const { stdout, stderr } = await ask(["--json", "Hello"]);
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(stdout)).toEqual({
      final: "Hello! How can I help you?",
      analysis: expect.stringContaining("The user greets me."),
      commentary: "",
      toolCalls: [],
      usage: {
        prompt: expect.any(Number),
        cached: expect.any(Number),
        answer: expect.any(Number),
        analysis: expect.any(Number),
        final: expect.any(Number),
        estimated: false,
      },
      timings: {
        timeToFirstToken: expect.any(Number),
        duration: expect.any(Number),
        promptTokensPerSecond: expect.any(Number),
        answerTokensPerSecond: expect.any(Number),
      },
      finishReason: "stop",
      model: "demo",
      session: expect.stringMatching(/^\d{8}-\d{6}-/),
    });
  });

  it("prints events with --jsonl, which make up the answer", async () => {
    const { stdout } = await ask(["--jsonl", "Hello"]);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; text?: string });
    const textOf = (type: string) => events.map((event) => (event.type === type ? event.text : "")).join("");
    expect(textOf("final")).toBe("Hello! How can I help you?");
    expect(textOf("analysis")).toContain("The user greets me.");
    expect(events.at(-1)).toMatchObject({ type: "end", finishReason: "stop", model: "demo" });
  });

  it("keeps nothing with --no-save", async () => {
    const kept = () => readdirSync(join(folder, "sessions")).length;
    const before = kept();
    const { stdout } = await ask(["--no-save", "--json", "Hello"]);
    expect(JSON.parse(stdout)).toMatchObject({ session: null });
    expect(kept()).toBe(before);
  });

  it("shows the thinking on standard error when asked to", async () => {
    const { stdout, stderr } = await ask(["--show-thinking", "Hello"]);
    expect({ stdout, stderr }).toEqual({
      stdout: "Hello! How can I help you?\n",
      stderr: expect.stringMatching(/^\[analysis\] The user greets me\..*\n$/),
    });
  });
});

describe("ask that fails", () => {
  it("has an exit status for each kind of failure, and an empty standard output", async () => {
    expect(await ask([])).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringContaining("No question was given."),
    });
    expect(await ask(["--json", "--jsonl", "Hello"])).toMatchObject({ status: 2, stdout: "" });
    expect(await ask(["word ".repeat(9_000)])).toMatchObject({ status: 4, stdout: "" });
    const nobody = await runCli(["ask", "--base-url", "http://127.0.0.1:9/v1", "--no-save", "Hello"]);
    expect(nobody).toMatchObject({ status: 3, stdout: "" });
  });

  it("is over at SIGINT with 130 and what there is of the answer", async () => {
    const slow = await startScriptedServer([{ content: "<|channel|>final<|message|>" }, { content: "more " }]);
    const child = spawn(
      process.execPath,
      [packageFile("dist/src/cli.js"), "ask", "--base-url", slow.url, "--no-save", "--json", "Count"],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    let stdout = "";
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    for (let wait = 0; wait < 500 && slow.requests.length === 0; wait++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill("SIGINT");
    const [status] = (await once(child, "close")) as [number];
    await slow.stop();
    expect(status).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      finishReason: "interrupted",
      final: expect.stringMatching(/^more more/),
    });
  });

  it("is over at SIGINT with 130 while it waits for what is piped in", async () => {
    const child = spawn(process.execPath, [packageFile("dist/src/cli.js"), "ask", "--no-save"], { stdio: "pipe" });
    child.stdin.write("half a quest");
    let stderr = "";
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    child.kill("SIGINT");
    const [status] = (await once(child, "close")) as [number];
    expect({ status, stderr }).toEqual({ status: 130, stderr: "Interrupted: reading piped input.\n" });
  });

  it("is silent when its reader goes away", async () => {
    const child = spawn(
      "bash",
      [
        "-c",
        `"$0" "$1" ask --model demo --no-save "Count to 90." | head -c 5`,
        process.execPath,
        packageFile("dist/src/cli.js"),
      ],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, LC_ALL: "C", GPT_OSS_DATA: folder },
      },
    );
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    await once(child, "close");
    expect({ stdout, stderr }).toEqual({ stdout: "1 2 3", stderr: "" });
  });
});
