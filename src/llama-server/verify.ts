import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../platform/folders.ts";
import { z } from "zod";
import { systemCodeOf } from "../errors/errors.ts";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import type { Backend } from "../platform/platform.ts";
import type { SetupText } from "../i18n/catalogue.ts";

/** What one short conversation with a freshly started server showed. */
export interface ProbeResult {
  /** The final channel's text. */
  readonly answer: string;
  /** Tokens a second, as the server measured them. */
  readonly promptPerSecond: number;
  readonly answerPerSecond: number;
  /** The server's log, written verbosely enough to hold the offload lines. */
  readonly log: string;
}

/** Starts the server on the model, asks one question, stops it. Handed in, because setup/ knows no server client. */
export type ServerProbe = (server: string, model: string, signal: AbortSignal | undefined) => Promise<ProbeResult>;

const reportSchema = z.object({
  promptPerSecond: z.number(),
  answerPerSecond: z.number(),
  /** Layers on the GPU and in all; absent where the server has no GPU backend. */
  layers: z.object({ offloaded: z.number(), total: z.number() }).optional(),
  gpu: z.string().optional(),
});
export type VerifyReport = z.infer<typeof reportSchema>;

/** Reads `offloaded 25/25 layers to GPU` of llama.cpp's log. */
export function readOffload(log: string): VerifyReport["layers"] {
  const [, offloaded, total] = /offloaded (\d+)\/(\d+) layers to GPU/.exec(log) ?? [];
  return offloaded === undefined || total === undefined
    ? undefined
    : { offloaded: Number(offloaded), total: Number(total) };
}

/** Wordings of the device line, newest first: llama.cpp's own, Metal's new and old, CUDA's, Vulkan's. */
const GPU_NAME_LINES = [
  /using device \w+ \((.+?)\)(?: \(.*?\))? - \d+ MiB free/,
  /ggml_metal\w*: GPU name:\s+MTL\d+ \((.+)\)/,
  /ggml_metal\w*: GPU name:\s+(.+?)\s*$/m,
  /Device \d+: (.+?), compute capability/,
  /ggml_vulkan: \d+ = (.+?) \(/,
];

export function readGpuName(log: string): string | undefined {
  for (const line of GPU_NAME_LINES) {
    const name = line.exec(log)?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}

/**
 * Judges a probe: an answer came, and a build for a GPU has layers on it.
 * @throws GptOssError `verify-failed`
 */
export function judgeProbe(probe: ProbeResult, backend: Backend | undefined): VerifyReport {
  if (probe.answer.trim() === "") {
    throw createError("emptyGreeting", []);
  }
  // a build that can use rpc-servers says that layers are on the GPU even where there is none
  const layers = backend === "cpu" ? undefined : readOffload(probe.log);
  if (backend !== undefined && backend !== "cpu" && (layers === undefined || layers.offloaded === 0)) {
    throw createError("nothingOnGpu", [backend, layers ? errorDetail("partOf", 0, layers.total) : "0"]);
  }
  const gpu = layers && layers.offloaded > 0 ? readGpuName(probe.log) : undefined;
  const { promptPerSecond, answerPerSecond } = probe;
  return { promptPerSecond, answerPerSecond, ...(layers && { layers }), ...(gpu && { gpu }) };
}

/** "prompt 3,215 and answer 2,130 tokens a second; 25 of 25 layers on Apple M3 Pro". */
export function describeReport(report: VerifyReport, words: SetupText): string {
  const { promptPerSecond, answerPerSecond, layers, gpu } = report;
  const speeds = words.speeds(formatRate(promptPerSecond), formatRate(answerPerSecond));
  if (!layers || layers.offloaded === 0) return words.onCpu(speeds);
  return words.onGpu(speeds, layers.offloaded, layers.total, gpu);
}

function formatRate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString("en-US");
}

/** One verified pair of server and model, remembered until either file changes. */
async function recordPath(cache: string, server: string, model: string): Promise<string> {
  const identity = createHash("sha256");
  for (const path of [server, model]) {
    const { size, mtimeMs, ino } = await stat(path);
    identity.update(`${path}\0${size}\0${mtimeMs}\0${ino}\0`);
  }
  return join(cache, "verified", `${identity.digest("hex").slice(0, 32)}.json`);
}

export async function readVerified(cache: string, server: string, model: string): Promise<VerifyReport | undefined> {
  try {
    return reportSchema.parse(JSON.parse(await readFile(await recordPath(cache, server, model), "utf8")));
  } catch (error) {
    if (systemCodeOf(error) !== undefined || error instanceof SyntaxError || error instanceof z.ZodError)
      return undefined;
    throw error;
  }
}

export async function writeVerified(cache: string, server: string, model: string, report: VerifyReport): Promise<void> {
  const path = await recordPath(cache, server, model);
  makeFolder(join(cache, "verified"));
  await writeFile(path, JSON.stringify(report) + "\n");
}
