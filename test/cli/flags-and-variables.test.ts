import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../src/platform/folders.ts";
import { type CommandLineOptions, runCommandLine, typeCommandLine } from "../support/command-line.ts";
import { finalText, type ModelServer, startModelServer, thinkingThen } from "../wire/support/model-server.ts";
import { questions } from "../wire/support/recording.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-flags-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Environment = Readonly<Record<string, string>>;

const environment = (server: ModelServer, more: Environment = {}) => ({
  OPENAI_BASE_URL: server.baseUrl,
  GPT_OSS_DATA: join(folder, "data"),
  GPT_OSS_CACHE: join(folder, "cache"),
  GPT_OSS_CONFIG: join(folder, "config.yaml"),
  ...more,
});

async function ask(
  server: ModelServer,
  flags: readonly string[] = [],
  more: Environment = {},
  options: CommandLineOptions = {},
) {
  const given = { environment: environment(server, more), folder, ...options };
  const result = await runCommandLine(["ask", "Hello", ...flags], given);
  expect(result.status).toBe(0);
  return result;
}

describe("Markdown on a terminal", () => {
  const bold = finalText("This is **bold**.");
  const terminal = { columns: 80 };

  it("is drawn", async () => {
    await using server = await startModelServer({ replies: [bold] });
    const { stdout } = await ask(server, [], {}, terminal);
    expect(stdout).toContain("\u001B[1m");
    expect(stripVTControlCharacters(stdout)).toContain("This is bold.");
    expect(stdout).not.toContain("**");
  });

  it.each<[string, readonly string[], Environment, string]>([
    ["--plain", ["--plain"], {}, ""],
    ["GPT_OSS_PLAIN", [], { GPT_OSS_PLAIN: "1" }, ""],
    ["config.yaml", [], {}, "plain: true\n"],
    ["a dumb terminal", [], { TERM: "dumb" }, ""],
  ])("is written as it is with %s", async (_by, flags, more, file) => {
    await writeFile(join(folder, "config.yaml"), file);
    await using server = await startModelServer({ replies: [bold] });
    expect((await ask(server, flags, more, terminal)).stdout).toContain("This is **bold**.");
    const chat = typeCommandLine(["chat", ...flags], { environment: environment(server, more), folder });
    await chat.expect(/You: /);
    chat.type("Hello\r");
    await chat.expect(/This is \*\*bold\*\*\./);
    chat.type("exit\r");
    await chat.result;
  });

  it("is drawn when a variable says so and the file does not", async () => {
    await writeFile(join(folder, "config.yaml"), "plain: true\n");
    await using server = await startModelServer({ replies: [bold] });
    expect((await ask(server, [], { GPT_OSS_PLAIN: "0" }, terminal)).stdout).not.toContain("**");
  });
});

describe("a link", () => {
  it.each<Environment>([{ TERM_PROGRAM: "WezTerm" }, { WT_SESSION: "1" }, { VTE_VERSION: "7000" }])(
    "can be clicked with %j",
    async (more) => {
      await using server = await startModelServer({ replies: [finalText("See [the page](https://example.com/x).")] });
      const clickable = "\u001B]8;;https://example.com/x";
      expect((await ask(server, [], more, { columns: 80 })).stdout).toContain(clickable);
      expect((await ask(server, [], {}, { columns: 80 })).stdout).not.toContain(clickable);
    },
  );
});

describe("what /copy copies", () => {
  /** Copies an answer in a chat, where a program of that name copies into a file. */
  async function copy(program: string, more: Environment) {
    await writeFile(join(folder, program), `#!/bin/sh\ncat > "${join(folder, "copied")}"\n`);
    await chmod(join(folder, program), 0o755);
    await using server = await startModelServer({ replies: [finalText("俳句")] });
    const given = environment(server, { PATH: `${folder}:${process.env["PATH"] ?? ""}`, ...more });
    const chat = typeCommandLine(["chat"], { environment: given, folder });
    for (const line of ["Hello", "/copy", "exit"]) {
      await chat.expect(/You: $/);
      chat.type(`${line}\r`);
    }
    const { stderr } = await chat.result;
    return { copied: await readFile(join(folder, "copied"), "utf8").catch(() => undefined), written: stderr };
  }
  const onScreen = process.platform === "darwin" ? "pbcopy" : undefined;
  const sequence = `\u001B]52;c;${Buffer.from("俳句").toString("base64")}`;

  it.each<[string, Environment]>([
    ["wl-copy", { WAYLAND_DISPLAY: "wayland-0" }],
    ["xclip", { DISPLAY: ":0" }],
  ])("goes through the program of the screen: %s", async (program, more) => {
    const { copied, written } = await copy(onScreen ?? program, more);
    expect([copied, written.includes(sequence)]).toEqual(["俳句", false]);
  });

  it("goes to the terminal over ssh", async () => {
    const { copied, written } = await copy(onScreen ?? "xclip", {
      DISPLAY: ":0",
      SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22",
    });
    expect([copied, written.includes(sequence)]).toEqual([undefined, true]);
  });
});

describe("the thinking", () => {
  const thought = thinkingThen("朝顔の句がよい。", finalText("Yes."));

  it.each<[boolean, string, readonly string[], Environment, string]>([
    [false, "by default", [], {}, ""],
    [true, "with --show-thinking", ["--show-thinking"], {}, ""],
    [true, "with GPT_OSS_THINK=show", [], { GPT_OSS_THINK: "show" }, ""],
    [true, "with think: show", [], {}, "think: show\n"],
    [false, "with GPT_OSS_THINK=hide over the file", [], { GPT_OSS_THINK: "hide" }, "think: show\n"],
  ])("is shown: %s, %s", async (isShown, _by, flags, more, file) => {
    await writeFile(join(folder, "config.yaml"), file);
    await using server = await startModelServer({ replies: [thought] });
    const { stdout, stderr } = await ask(server, flags, more);
    expect([stdout, stderr.includes("朝顔の句がよい。")]).toEqual(["Yes.\n", isShown]);
  });

  it("refuses another word", async () => {
    await using server = await startModelServer();
    const given = { environment: environment(server, { GPT_OSS_THINK: "loud" }), folder };
    const { status, stderr } = await runCommandLine(["ask", "Hello"], given);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/GPT_OSS_THINK.*"loud".*hide, show/)]);
  });
});

describe("the grammar for tools", () => {
  it.each<[boolean, string, Environment, string]>([
    [true, "by default", {}, ""],
    [false, "with GPT_OSS_TOOL_GRAMMAR=0", { GPT_OSS_TOOL_GRAMMAR: "0" }, ""],
    [false, "with tool-grammar: false", {}, "tool-grammar: false\n"],
    [true, "with GPT_OSS_TOOL_GRAMMAR=1 over the file", { GPT_OSS_TOOL_GRAMMAR: "1" }, "tool-grammar: false\n"],
  ])("is sent: %s, %s", async (isSent, _by, more, file) => {
    await writeFile(join(folder, "config.yaml"), file);
    await using server = await startModelServer({ replies: [finalText("Yes.")] });
    const chat = typeCommandLine(["chat", "--tools", "calculator"], { environment: environment(server, more), folder });
    for (const line of ["Hello", "exit"]) {
      await chat.expect(/You: $/);
      chat.type(`${line}\r`);
    }
    await chat.result;
    const bodies = server.exchanges.map(({ body }) => JSON.stringify(body ?? ""));
    const withTools = bodies.filter((body) => body.includes('"tools"') && body.includes('"stream":true'));
    expect(withTools.length).toBeGreaterThan(0);
    expect(withTools.map((body) => body.includes('"grammar"'))).toEqual(withTools.map(() => isSent));
  });
});

describe("LangSmith", () => {
  const before = { ...process.env };
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  });

  /** Stands for LangSmith: notes what is posted to it. */
  async function startTracer() {
    const posted: string[] = [];
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      posted.push(await readText(request));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    };
    const server = createServer((request, response) => void answer(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const stop = async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    };
    return { url: `http://127.0.0.1:${port}`, posted, [Symbol.asyncDispose]: stop };
  }

  it("gets nothing, whichever of its variables is set, and everything with GPT_OSS_TRACING", async () => {
    await using tracer = await startTracer();
    await using server = await startModelServer();
    const tracings = [
      { LANGSMITH_TRACING: "true" },
      { LANGSMITH_TRACING_V2: "true" },
      { LANGCHAIN_TRACING: "true" },
      { LANGCHAIN_TRACING_V2: "true" },
    ];
    Object.assign(process.env, { LANGSMITH_ENDPOINT: tracer.url, LANGSMITH_API_KEY: "key" });
    for (const tracing of tracings) {
      Object.assign(process.env, tracing);
      const { stderr } = await ask(server, ["--system", "quiet"]);
      expect(stderr).toMatch(/GPT_OSS_TRACING/);
      expect(Object.keys(process.env)).not.toContain(Object.keys(tracing)[0]);
    }
    Object.assign(process.env, tracings[0]);
    await ask(server, ["--system", "traced"], { GPT_OSS_TRACING: "1" });
    for (let wait = 0; wait < 100 && !tracer.posted.join("").includes("traced"); wait++) await sleep(50);
    expect(tracer.posted.join("")).toContain("traced");
    expect(tracer.posted.join("")).not.toContain("quiet");
  });
});

describe("settings of a file", () => {
  it("give the key, the limit and the effort", async () => {
    await writeFile(join(folder, "config.yaml"), "api-key: from-file\nmax-tokens: 77\neffort: high\n");
    await using server = await startModelServer();
    await ask(server);
    const [question] = questions(server);
    expect(question?.headers["authorization"]).toBe("Bearer from-file");
    expect(question?.body).toMatchObject({ max_tokens: 77, reasoning_effort: "high" });
  });
});

describe("a signal", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s ends a question with the exit status %d", async (signal, status) => {
    await using server = await startModelServer({ replies: [{ hangs: finalText("half of it") }] });
    const program = spawn(process.execPath, [packageFile("dist/src/cli.js"), "ask", "Hello"], {
      env: { PATH: process.env["PATH"], ...environment(server) },
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"],
    });
    program.stdout.once("data", () => program.kill(signal));
    expect(await once(program, "close")).toEqual([status, null]);
  });
});

describe("gpt-oss setup --dry-run", () => {
  it("plans a build for several machines, with as many compilers as are wanted", async () => {
    const given = { environment: { GPT_OSS_CACHE: join(folder, "cache"), HOME: folder }, folder };
    const words = ["setup", "--dry-run", "--platform", "linux-x64", "--gpu", "cpu", "--model", "demo"];
    const plain = await runCommandLine(words, given);
    const rpc = await runCommandLine([...words, "--with-rpc", "--jobs", "3"], given);
    expect([plain.status, rpc.status]).toEqual([0, 0]);
    expect(rpc.stdout).toMatch(/GGML_RPC=ON/);
    expect(plain.stdout).not.toMatch(/GGML_RPC=ON/);
    expect(rpc.stdout).toMatch(/--parallel 3\b/);
  });
});
