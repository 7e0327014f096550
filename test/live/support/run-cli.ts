import { spawn } from "node:child_process";
import { once } from "node:events";
import { cliEnvironment } from "./cli-environment.ts";
import { packageFile } from "../../../src/platform/folders.ts";

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly folder?: string;
}

/** Runs the real program, as `npm ci` built it, with a pipe for standard input. */
export async function runCli(
  words: readonly string[],
  { input = "", environment = {}, folder }: CliOptions = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, [packageFile("dist/src/cli.js"), ...words], {
    env: cliEnvironment(environment),
    ...(folder !== undefined && { cwd: folder }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => undefined); // it may end before it has read everything
  child.stdin.end(input);
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, stderr };
}
