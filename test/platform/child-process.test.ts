import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { formatCommand, runCommand } from "../../src/platform/child-process.ts";
import { childEnvironment } from "../../src/platform/child-environment.ts";

const environment = childEnvironment("build", process.env);
const shell = (script: string) => ({ program: "sh", arguments: ["-c", script] });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-command-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Running, and not merely waiting to be buried by its new parent. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}

describe("runCommand", () => {
  it("gives status, output and the last lines of both streams", async () => {
    const result = await runCommand(shell("echo out; echo err >&2; exit 3"), { environment });
    expect(result.status).toBe(3);
    expect(result.stdout).toBe("out\n");
    expect(new Set(result.lastLines)).toEqual(new Set(["err", "out"]));
  });

  it("hands on each line, taking a carriage return for a line end, and keeps a log", async () => {
    const lines: string[] = [];
    const logFile = join(folder, "log");
    await runCommand(shell(String.raw`printf '10%%\r20%%\rdone\n'`), {
      environment,
      logFile,
      onLine: (line) => lines.push(line),
    });
    expect(lines).toEqual(["10%", "20%", "done"]);
    expect(await readFile(logFile, "utf8")).toBe("10%\n20%\ndone\n");
  });

  it("makes a result of a program that is not there", async () => {
    const { status, lastLines } = await runCommand(
      { program: join(folder, "nothing"), arguments: [] },
      { environment },
    );
    expect(status).toBe(-1);
    expect(lastLines.join()).toContain("ENOENT");
  });

  it("stops the program and everything it started", async () => {
    const stop = new AbortController();
    const pids: number[] = [];
    const running = runCommand(shell("sh -c 'sleep 60' & echo $!; sleep 60"), {
      environment,
      signal: stop.signal,
      onLine: (line) => {
        pids.push(Number(line));
        stop.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: "interrupted" });
    expect(pids).toHaveLength(1);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it("stops a program that says nothing for too long", async () => {
    const { status } = await runCommand(shell("sleep 60"), { environment, silenceMs: 300 });
    expect(status).toBe(-1);
  });
});

describe("formatCommand", () => {
  it("quotes what a shell would read otherwise", () => {
    expect(formatCommand({ program: "a", arguments: ["b c", "-DX=ON", "it's"] })).toBe(
      String.raw`a 'b c' -DX=ON 'it'\''s'`,
    );
  });
});
