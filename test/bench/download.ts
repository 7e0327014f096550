import { execFile, spawn } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { download } from "../../setup/model/download.ts";
import { createHttpClient } from "../../setup/model/http-client.ts";
import { packageFile } from "../../src/platform/folders.ts";
import { type Comparison, compareRounds } from "./comparison.ts";
import { median } from "./measure.ts";

const ROUNDS = 7;
const BYTES = 512 * 2 ** 20;

export interface DownloadRow {
  readonly what: string;
  /** Megabytes a second, the median of the rounds. */
  readonly "MB/s": number;
  readonly least: number;
  readonly most: number;
}

/** What the download does not look at. */
const A_MODEL = {
  name: "bench",
  sampling: { temperature: 0, topP: 1, topK: 0, minP: 0 },
  wantedMemory: 0,
};

interface TestFile {
  readonly path: string;
  readonly sha256: string;
}

const run = promisify(execFile);

/** Fetches 512 MiB from loopback: ours, with redirect, resume and SHA-256, beside curl with and without a sha256sum after it. */
export async function benchDownload(): Promise<{
  rows: readonly DownloadRow[];
  comparisons: readonly Comparison[];
}> {
  const folder = await mkdtemp(join(tmpdir(), "gpt-oss-bench-"));
  const file = await writeRandomFile(join(folder, "model.gguf"));
  const words = [packageFile("test/bench/support/file-server.mjs"), file.path, file.sha256];
  const server = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [port] = (await once(server.stdout, "data")) as [Buffer];
    const address = `http://127.0.0.1:${port.toString().trim()}`;
    const target = join(folder, "target");
    const ours: number[] = [];
    const curl: number[] = [];
    const curlAndSum: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const taken = {
        ours: await secondsAnew(target, () => fetchOurs(address, file, target)),
        curl: await secondsAnew(target, () => run("curl", ["-sSL", "-o", target, `${address}/model.gguf`])),
        sum: await seconds(() => run("sha256sum", [target])),
      };
      if (round < 0) continue;
      ours.push(BYTES / 1e6 / taken.ours);
      curl.push(BYTES / 1e6 / taken.curl);
      curlAndSum.push(BYTES / 1e6 / (taken.curl + taken.sum));
    }
    return {
      rows: [
        rowOf("curl", curl),
        rowOf("curl, then sha256sum", curlAndSum),
        rowOf("setup, SHA-256 and fsync included", ours),
      ],
      comparisons: [
        compareRounds("download with SHA-256, MB/s", "curl without", ours, curl, { atLeast: 0.9 }),
        compareRounds("download with SHA-256, MB/s", "curl, then sha256sum", ours, curlAndSum, { atLeast: 0.9 }),
      ],
    };
  } finally {
    server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchOurs(address: string, { sha256 }: TestFile, target: string): Promise<void> {
  const client = await createHttpClient({}, 10_000);
  try {
    const file = { name: "model.gguf", bytes: BYTES, sha256 };
    await download({
      model: { ...A_MODEL, files: [file], source: { repository: "bench/bench", revision: "main" } },
      file,
      environment: { HF_ENDPOINT: address },
      client,
      partial: `${target}.partial`,
      target,
    });
  } finally {
    await client.close();
  }
}

async function writeRandomFile(path: string): Promise<TestFile> {
  const hash = createHash("sha256");
  const output = await open(path, "w");
  const block = Buffer.alloc(2 ** 24);
  for (let written = 0; written < BYTES; written += block.length) {
    randomFillSync(block);
    hash.update(block);
    await output.write(block);
  }
  await output.close();
  return { path, sha256: hash.digest("hex") };
}

/** Each writes a file that is not there yet: whoever writes over half a gigabyte has to throw that away first. */
async function secondsAnew(target: string, action: () => Promise<unknown>): Promise<number> {
  await rm(target, { force: true });
  return await seconds(action);
}

async function seconds(action: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await action();
  return (performance.now() - begun) / 1000;
}

function rowOf(what: string, speeds: readonly number[]): DownloadRow {
  return { what, "MB/s": median(speeds), least: Math.min(...speeds), most: Math.max(...speeds) };
}
