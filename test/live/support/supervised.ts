import { spawnSync } from "node:child_process";
import { askStatus } from "../../../src/llama-server/supervisor-client.ts";
import { liveCache } from "./live-machine.ts";

/** Of the llama-server that a program uses, or begins to use within ten seconds; undefined when it uses none. */
export async function serverPidOf(clientPid: number): Promise<number | undefined> {
  for (let wait = 0; wait < 200; wait++) {
    const status = await askStatus({ cache: liveCache(), environment: process.env });
    const pid = status?.servers.find(({ leases }) => leases.includes(clientPid))?.pid;
    if (pid !== undefined) return pid;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
}

export function commandLineOf(pid: number): string {
  return spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();
}

export function isRunning(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}

/** Waits for the end of a process, for at most ten seconds. */
export async function gone(pid: number): Promise<boolean> {
  for (let wait = 0; wait < 200 && isRunning(pid); wait++) await new Promise((resolve) => setTimeout(resolve, 50));
  return !isRunning(pid);
}
