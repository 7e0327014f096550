import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageFile } from "../../../../src/platform/folders.ts";
import { cliEnvironment } from "../../support/cli-environment.ts";

const run = promisify(execFile);

interface Output {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether the registry answers; installing from it is the one thing in the tests that wants a network. */
export function registryAnswers(): boolean {
  try {
    execFileSync("npm", ["view", "langchain", "version"], { stdio: "pipe", timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

function devDependency(name: string): string {
  const manifest = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as Manifest;
  return manifest.devDependencies[name] ?? "latest";
}

interface Manifest {
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** An empty project of somebody else's that has installed the package. */
export class Consumer {
  readonly folder: string;

  constructor(parent: string) {
    this.folder = join(parent, "consumer");
  }

  /**
   * Installs `tarball` from nothing: with no cache of this machine's. Like most who write TypeScript for Node, it has Node's types.
   * @param others packages of the application's own
   */
  async install(tarball: string, others: readonly string[] = []): Promise<void> {
    await mkdir(this.folder);
    await this.write("package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }));
    await this.add(tarball, `@types/node@${devDependency("@types/node")}`, ...others);
  }

  async add(...packages: readonly string[]): Promise<void> {
    const cache = join(this.folder, "..", "npm-cache");
    const { status, stderr } = await this.run("npm", ["install", "--no-audit", "--cache", cache, ...packages]);
    if (status !== 0) throw new Error(stderr);
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  async run(
    program: string,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Output> {
    const options = { cwd: this.folder, env: cliEnvironment(environment), timeout: 240_000, maxBuffer: 1e8 };
    try {
      const running = run(program, words, options);
      running.child.stdin?.end(); // nothing is piped in
      return { status: 0, ...(await running) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { status: code, stdout, stderr };
    }
  }
}
