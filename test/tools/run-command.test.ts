import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, readlink } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type AgentTool, ToolError } from "../../src/index.ts";
import { approvalGate } from "../../src/tools/approval.ts";
import { runCommandTool } from "../../src/tools/run-command.ts";
import { ToolFolder } from "../../src/tools/files/tool-folder.ts";
import { answering, callTool } from "./support/call-tool.ts";
import { type FileFolder, makeFileFolder } from "./support/file-folder.ts";

let folder: FileFolder;
beforeEach(async () => {
  folder = await makeFileFolder();
});
afterEach(async () => {
  await folder.remove();
});

async function command(approve = answering("once"), timeLimitMs = 5_000): Promise<AgentTool[]> {
  const environment = { ...process.env, OPENAI_API_KEY: "sk-secret" };
  return [runCommandTool(await ToolFolder.open(folder.root), approvalGate(approve), { environment, timeLimitMs })];
}

async function run(program: string, words: string[] = [], tools?: AgentTool[]): Promise<string> {
  return await callTool(tools ?? (await command()), "run_command", { program, arguments: words });
}

const node = (script: string) => [process.execPath, ["-e", script]] as const;

describe("run_command", () => {
  it("runs in the folder, and gives output and exit status", async () => {
    expect(await run("pwd")).toBe(`[exit 0]\n${folder.root}\n`);
    expect(await run(...asCall(node("console.error('bad'); process.exit(3)")))).toBe("[exit 3]\nbad\n");
    expect(await run("no-such-program")).toMatch(/^Error: The program did not start: .*ENOENT/);
  });

  it("asks each time, and shows the command as one would type it", async () => {
    const approve = answering("session", "refused");
    const tools = await command(approve);
    expect(await run("echo", ["a b", "it's"], tools)).toBe("[exit 0]\na b it's\n");
    expect(await run("echo", ["x"], tools)).toBe("Error: The user refused. Nothing was run.");
    expect(approve.asked.map(({ detail }) => detail)).toEqual([String.raw`echo 'a b' 'it'\''s'`, "echo x"]);
  });

  it("hands down no key of the user's", async () => {
    expect(await run(...asCall(node("console.log(Object.keys(process.env).includes('OPENAI_API_KEY'))")))).toBe(
      "[exit 0]\nfalse\n",
    );
  });

  it("gives no input: a program that reads ends", async () => {
    expect(await run("cat")).toBe("[exit 0]\n");
  });

  it("ends a program that takes too long, and all that it has started", async () => {
    const script = `
      const { spawn } = require("node:child_process");
      const child = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: "inherit" });
      require("node:fs").writeFileSync("pid", String(child.pid));
      console.log("started");
      setInterval(() => {}, 1000);`;
    const result = await run(...asCall(node(script)), await command(answering("once"), 1_500));
    expect(result).toBe("[stopped after 1.5 seconds]\nstarted\n");
    const pid = Number(await readFile(folder.path("pid"), "utf8"));
    await expectGone(pid);
  });

  it.each([
    ["has left its group", "spawn('sleep', ['300'], { detached: true, stdio: 'ignore' })"],
    ["has left it by setsid", "spawn('setsid', ['--fork', 'sleep', '300'], { stdio: 'ignore' })"],
    [
      "has lost its parents",
      "spawn('sh', ['-c', '(setsid sh -c \"sleep 300 & sleep 300\" &) & exit'], { stdio: 'ignore' })",
    ],
    [
      "has another environment",
      "spawn('setsid', ['sleep', '300'], { env: { PATH: process.env.PATH }, stdio: 'ignore' })",
    ],
  ])("ends what %s, when the program ends and when its time is over", async (_what, start) => {
    const folderMark = `mark-${folder.root.split("/").at(-2)}`;
    // a working folder tells them from the processes of others
    await mkdir(folder.path(folderMark));
    for (const rest of ["setTimeout(() => process.exit(0), 700)", "setInterval(() => {}, 1000)"]) {
      const script = `const { spawn } = require("node:child_process"); process.chdir("${folderMark}"); ${start}; ${rest};`;
      const result = await run(...asCall(node(script)), await command(answering("once"), 2_000));
      expect(result).toMatch(/^\[(exit 0|stopped)/);
      await expectNoneIn(folder.path(folderMark));
    }
  });

  it("ends nothing of anybody else's", async () => {
    const other = spawn("sleep", ["300"], { detached: true, stdio: "ignore" });
    try {
      await run("true");
      await run("sh", ["-c", "sleep 5 & sleep 0.5"]);
      expect(other.exitCode ?? other.signalCode).toBeNull();
    } finally {
      other.kill("SIGKILL");
    }
  });

  it("ends with the turn", async () => {
    const stop = new AbortController();
    setTimeout(() => {
      stop.abort();
    }, 300);
    const result = await callTool(
      await command(answering("once"), 60_000),
      "run_command",
      { program: "sleep", arguments: ["60"] },
      stop.signal,
    );
    expect(result).toMatch(/abort/i);
    // the program itself sleeps for a minute
  }, 30_000);

  it("keeps the end of a long output, without escape sequences", async () => {
    const result = await run(
      ...asCall(node(String.raw`for (let i = 0; i < 50000; i++) console.log("\x1b[31m" + i + "\x1b[0m")`)),
    );
    expect(result).toMatch(/^\[exit 0\]\n\[cut: the first \d+ characters are left out\]\n/);
    expect(result.endsWith("49998\n49999\n")).toBe(true);
    expect(result).not.toContain("\u001B");
  });

  it("fails with a sentence for the model", async () => {
    const [tool] = await command(answering("refused"));
    await expect(tool?.invoke({ program: "ls" })).rejects.toBeInstanceOf(ToolError);
  });
});

function asCall([program, words]: readonly [string, readonly string[]]): [string, string[]] {
  return [program, [...words]];
}

/** @param path the working folder of the processes that are looked for */
async function expectNoneIn(path: string): Promise<void> {
  if (process.platform !== "linux") return;
  const running = async () => {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
    return pids.filter((_pid, index) => folders[index] === path);
  };
  for (let wait = 0; wait < 20 && (await running()).length > 0; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await running()).toEqual([]);
}

async function expectGone(pid: number): Promise<void> {
  for (let wait = 0; wait < 100; wait++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`process ${pid} still runs`);
}
