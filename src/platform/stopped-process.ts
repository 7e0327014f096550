import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { childEnvironment } from "./child-environment.ts";

const run = promisify(execFile);

/** Whether a process was stopped by SIGSTOP or a terminal, and so does nothing; one in a debugger is not meant. */
export async function isProcessStopped(pid: number): Promise<boolean> {
  return (await stateOf(pid)).startsWith("T");
}

/** As `ps` writes it; empty for a process that is gone. */
async function stateOf(pid: number): Promise<string> {
  try {
    if (process.platform !== "linux") {
      const env = childEnvironment("build", { PATH: "/usr/bin:/bin" });
      return (await run("ps", ["-o", "state=", "-p", String(pid)], { env })).stdout.trim();
    }
    // the program's name comes before the state, in parentheses, and may hold some itself
    const line = await readFile(`/proc/${pid}/stat`, "utf8");
    return line.slice(line.lastIndexOf(")") + 2);
  } catch {
    return "";
  }
}
