import { spawnSync } from "node:child_process";

/** Command lines of the running processes that hold `words`, each with its number in front. */
export function processesWith(...words: readonly string[]): string[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,stat=,command="], { encoding: "utf8" });
  return stdout
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => !/^\d+ +Z/.test(line) && words.every((word) => line.includes(word)));
}

/** Waits up to five seconds until no process with these words is left. @returns those that are */
export async function processesLeft(...words: readonly string[]): Promise<string[]> {
  for (let wait = 0; wait < 250; wait++) {
    const left = processesWith(...words);
    if (left.length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return processesWith(...words);
}
