import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import { startLiveServer } from "../support/live-server.ts";
import { runCli } from "../support/run-cli.ts";
import { commandLineOf, gone, isRunning, serverPidOf } from "../support/supervised.ts";
import { Terminal } from "../support/terminal.ts";

let folder: string;
const terminals: Terminal[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-chat-"));
});
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.kill();
  await rm(folder, { recursive: true, force: true });
});

function openChat(...words: string[]): Terminal {
  const terminal = new Terminal(["chat", ...words]);
  terminals.push(terminal);
  return terminal;
}

describe("a chat through pipes", () => {
  it("remembers, answers in Japanese, and writes only answers to standard output", async () => {
    const input = "My name is Alice.\n\nWhat is my name?\nこんにちは\n";
    const { status, stdout, stderr } = await runCli(["chat", "--model", "demo"], { input });
    expect(stdout).toBe("Nice to meet you, Alice.\nYour name is Alice.\nこんにちは！どんなお手伝いが必要ですか？\n");
    expect(stderr).toBe(
      "This is the small demo model, which knows very little. To download gpt-oss-20b, run: npx gpt-oss setup\n",
    );
    expect(status).toBe(0);
  });

  it("stops reading at exit, and says nothing to nothing", async () => {
    const { stdout } = await runCli(["chat", "--model", "demo"], { input: "Hello\nexit\nWho are you?\n" });
    expect(stdout).toBe("Hello! How can I help you?\n");
    expect((await runCli(["chat", "--model", "demo"])).stdout).toBe("");
  });

  it("shows the thinking on standard error when asked to", async () => {
    const { stdout, stderr } = await runCli(["chat", "--model", "demo", "--show-thinking"], { input: "Hello\n" });
    expect(stdout).toBe("Hello! How can I help you?\n");
    expect(stderr).toContain("[analysis] The user greets me.");
  });

  it("takes a file of one's own", async () => {
    await copyFile(packageFile("setup/demo-model/demo.gguf"), join(folder, "mine.gguf"));
    const { stdout } = await runCli(["chat", "--model", "mine.gguf"], { input: "Hello\n", folder });
    expect(stdout.length).toBeGreaterThan(5);
  });
});

describe("a chat with an existing server", () => {
  it.each([
    ["raw", false],
    ["parsed", true],
  ])("reads %s channels alike", async (_mode, parsed) => {
    const server = await startLiveServer({ parsed });
    try {
      const environment = { OPENAI_BASE_URL: `${server.baseUrl}/v1`, OPENAI_API_KEY: server.apiKey };
      const input = "My name is Bob.\nWhat is my name?\n";
      const { stdout, stderr, status } = await runCli(["chat", "--model", "whatever"], { input, environment });
      expect({ stdout, stderr, status }).toEqual({
        stdout: "Nice to meet you, Bob.\nYour name is Bob.\n",
        stderr: "",
        status: 0,
      });
    } finally {
      await server.stop();
    }
  });

  it("reports a wrong key, a missing server and a full context in one sentence each", async () => {
    const server = await startLiveServer({ contextSize: 256 });
    try {
      const baseUrl = `${server.baseUrl}/v1`;
      const wrongKey = await runCli(["chat", "--base-url", baseUrl], {
        input: "Hello\n",
        environment: { OPENAI_API_KEY: "wrong" },
      });
      expect(wrongKey).toMatchObject({ status: 3, stdout: "" });
      expect(wrongKey.stderr).toContain(`The server at ${baseUrl} refused the API key (HTTP 401`);
      expect(wrongKey.stderr).toMatch(/OPENAI_API_KEY.*\n$/);
      const tooLong = await runCli(["chat", "--base-url", baseUrl], {
        input: `${"word ".repeat(400)}\n`,
        environment: { OPENAI_API_KEY: server.apiKey },
      });
      expect(tooLong).toMatchObject({ status: 4, stdout: "" });
      expect(tooLong.stderr).toMatch(
        /^This message takes \d+ tokens including formatting, but only 192 are available: the server's context of 256, minus 64 for the answer\.\n/,
      );
    } finally {
      await server.stop();
    }
    // nobody listens there any more
    const nobody = await runCli(["chat", "--base-url", `${server.baseUrl}/v1`], { input: "Hello\n" });
    expect(nobody).toMatchObject({ status: 3, stdout: "" });
    expect(nobody.stderr).toContain(`The server at ${server.baseUrl}/v1 does not answer (ECONNREFUSED).`);
  });
});

describe("a chat that can't begin", () => {
  const chat = (...words: string[]) => runCli(["chat", ...words], { input: "Hello\n", folder });

  it("reports a file that is not a model, and one that is missing", async () => {
    await writeFile(join(folder, "broken.gguf"), "this is no model");
    const broken = await chat("--model", "broken.gguf");
    expect(broken.status).toBe(3);
    expect(broken.stderr).toContain(join(folder, "broken.gguf"));
    const missing = await chat("--model", "nowhere.gguf");
    expect(missing.status).toBe(3);
    expect(missing.stderr).toContain(`File not found: ${join(folder, "nowhere.gguf")}.`);
    const unknown = await chat("--model", "gpt-5");
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain("Unknown model: gpt-5.");
    expect(unknown.stderr).not.toContain("    at ");
  });

  it("says how to install a model that is not", async () => {
    const { status, stderr } = await runCli(["chat", "--model", "gpt-oss-120b"], {
      environment: { HF_HUB_CACHE: folder },
    });
    expect(status).toBe(3);
    expect(stderr).toBe("gpt-oss-120b is not installed.\nInstall it with: npx gpt-oss setup --model gpt-oss-120b\n");
  });

  it("says that the port is in use", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const { status, stderr } = await chat("--model", "demo", "--port", String(port));
    other.close();
    expect(status).toBe(3);
    expect(stderr).toContain("llama-server can't load demo: the port is in use.");
  });

  it("names a wrong setting, its value and what is allowed", async () => {
    const { status, stderr } = await chat("--effort", "huge");
    expect(status).toBe(2);
    expect(stderr).toMatch(/--effort.*"huge".*low.*medium.*high/);
    expect((await runCli(["chat", "--nonsense"])).status).toBe(2);
  });
});

describe("a chat in a terminal", () => {
  it("greets, asks, answers, remembers and leaves no process behind", async () => {
    const chat = openChat("--model", "demo");
    await chat.expect(/Chat started\. .*\/help.*\nYou: /);
    const server = await serverPidOf(chat.pid);
    expect(commandLineOf(server ?? 0)).toContain("llama-server");
    // the key goes by environment: nobody can read it in the process list
    expect(commandLineOf(server ?? 0)).not.toMatch(/api.key/i);
    chat.type("My name is Alice.\r");
    await chat.expect(/Assistant: Nice to meet you, Alice\.\nYou: /);
    chat.type("What is my name?\r");
    await chat.expect(/Assistant: Your name is Alice\.\nYou: /);
    chat.type("こんにちは\r");
    await chat.expect(/Assistant: こんにちは！.*\nYou: /);
    chat.type("exit\r");
    expect(await chat.exitStatus()).toBe(0);
    expect(await gone(server ?? 0)).toBe(true);
  });

  it("leaves at Ctrl-D, and at the second Ctrl-C", async () => {
    const first = openChat("--model", "demo");
    await first.expect(/You: /);
    first.type("\u0004");
    expect(await first.exitStatus()).toBe(0);
    const second = openChat("--model", "demo");
    await second.expect(/You: /);
    second.type("typed\u0003");
    second.type("\u0003");
    await second.expect(/Press Ctrl-C again, or Ctrl-D, to exit\.\nYou: /);
    second.type("\u0003");
    expect(await second.exitStatus()).toBe(130);
  });

  it("takes a paste of several lines as one message", async () => {
    const chat = openChat("--model", "demo");
    await chat.expect(/You: /);
    chat.type("\u001B[200~My name is Alice.\nI live in Paris.\u001B[201~\r");
    await chat.expect(/Assistant: .+\nYou: /);
    expect(chat.text.match(/Assistant: /g)).toHaveLength(1);
  });

  it("takes its server along when it is killed", async () => {
    const chat = openChat("--model", "demo");
    await chat.expect(/You: /);
    const pid = (await serverPidOf(chat.pid)) ?? 0;
    expect(isRunning(pid)).toBe(true);
    chat.kill();
    expect(await gone(pid)).toBe(true);
  });

  it("gives the prompt back at Ctrl-C in the middle of an answer, and continues", async () => {
    const slow = await slowServer();
    const chat = openChat("--base-url", slow.url);
    await chat.expect(/You: /);
    chat.type("Count\r");
    await chat.expect(/Assistant: one two three/);
    chat.type("\u0003");
    await chat.expect(/\[interrupted\]\nYou: /);
    chat.type("Again\r");
    await chat.expect(/Assistant: one two three/);
    chat.type("\u0003");
    await chat.expect(/\[interrupted\]\nYou: /);
    const [, second] = slow.requests;
    expect(second).toMatchObject({
      messages: [
        { content: "Count" },
        { role: "assistant", content: expect.stringMatching(/^one two three/) },
        { content: "Again" },
      ],
    });
    expect(await slow.aborted()).toBe(2);
    chat.type("quit\r");
    expect(await chat.exitStatus()).toBe(0);
    await slow.stop();
  });
});

/** Stands in for a large model, which takes its time: a word every 50 ms, without end. */
async function slowServer() {
  const requests: unknown[] = [];
  let aborted = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      if (request.method !== "POST") {
        response.writeHead(404).end("{}");
        return;
      }
      requests.push(JSON.parse(body));
      response.writeHead(200, { "content-type": "text/event-stream" });
      const words = ["<|channel|>final<|message|>", "one ", "two ", "three ", "four "];
      let index = 0;
      const timer = setInterval(() => {
        const content = words[index] ?? "more ";
        index++;
        response.write(
          `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", choices: [{ index: 0, delta: { content } }] })}\n\n`,
        );
      }, 50);
      response.on("close", () => {
        clearInterval(timer);
        aborted++;
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    async aborted() {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return aborted;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
