import { readFile } from "node:fs/promises";
import { z } from "zod";
import { GptOssError, messageOf } from "../src/errors/errors.ts";
import { parseHarmony, summarizeHarmony } from "../src/harmony/index.ts";
import { failed, reason } from "../src/i18n/error-messages.ts";
import { requestServerJson } from "../src/llama-server/http.ts";
import type { LocalModel } from "../src/llama-server/choose-model.ts";
import type { FoundServer } from "../src/llama-server/find-server.ts";
import { bytesToFetch, findInstalledModel } from "../src/llama-server/installed-models.ts";
import { memoryAdvice } from "../src/llama-server/memory-estimate.ts";
import type { ModelEntry } from "../src/llama-server/model-catalogue.ts";
import { openServer } from "../src/llama-server/open-server.ts";
import {
  describeReport,
  judgeProbe,
  readVerified,
  type ServerProbe,
  writeVerified,
  type ProbeResult,
} from "../src/llama-server/verify.ts";
import type { Environment } from "../src/platform/folders.ts";
import type { Platform } from "../src/platform/platform.ts";
import { formatBytes } from "../src/terminal/format.ts";
import { installModel } from "./model/install.ts";
import type { Reporter } from "./reporter.ts";

export interface ModelStepOptions {
  readonly model: ModelEntry;
  readonly platform: Platform;
  readonly cache: string;
  readonly environment: Environment;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** Asked before a download. */
  readonly confirm: (question: string) => boolean;
}

/** Fetches the model unless it is here. @returns the path of its first file */
export async function modelStep(options: ModelStepOptions): Promise<string> {
  const { model, cache, environment, reporter, signal } = options;
  const { words } = reporter;
  reporter.start("model", words.lookingForModel(model.name));
  const installed = await findInstalledModel({
    model,
    cacheFolder: cache,
    environment,
    signal,
    onProgress: reporter.progress,
  });
  if (installed !== undefined) {
    reporter.done(`${model.name}: ${installed}`, { skipped: true });
    return installed;
  }
  for (const advice of memoryAdvice(model, options.platform)) reporter.notice(advice);
  const bytes = await bytesToFetch({ model, environment });
  reporter.clear();
  if (!options.confirm(words.downloadQuestion(model.name, formatBytes(bytes))))
    throw failed("interrupted", [reason("downloadDeclined")]);
  const { path, fetchedBytes } = await installModel({
    model,
    cacheFolder: cache,
    environment,
    signal,
    onProgress: reporter.progress,
    onNotice: reporter.notice,
  });
  reporter.done(words.modelFetched(model.name, formatBytes(fetchedBytes), path));
  return path;
}

export interface VerifyStepOptions {
  readonly server: FoundServer;
  /** Path of the model's first file. */
  readonly modelPath: string;
  readonly cache: string;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  readonly probe: ServerProbe;
}

/** Starts the server on the model, asks one question and reports speed and layers on the GPU; once per pair of files. */
export async function verifyStep({
  server,
  modelPath,
  cache,
  reporter,
  signal,
  probe,
}: VerifyStepOptions): Promise<void> {
  reporter.start("verify", reporter.words.askingServer);
  const known = await readVerified(cache, server.path, modelPath);
  if (known !== undefined) {
    reporter.done(describeReport(known, reporter.words), { skipped: true });
    return;
  }
  const report = judgeProbe(await probe(server.path, modelPath, signal), server.backend);
  await writeVerified(cache, server.path, modelPath, report);
  reporter.done(describeReport(report, reporter.words));
}

const completionSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }) })).min(1),
  timings: z.object({ prompt_per_second: z.number(), predicted_per_second: z.number() }),
});

export interface ProbeOptions {
  readonly program: string;
  readonly model: LocalModel;
  readonly cache: string;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
}

/** Opens a server, greets the model over plain HTTP, and gives the server up. */
export async function probeServer({ signal, ...options }: ProbeOptions): Promise<ProbeResult> {
  // as a chat would have it, so that the chat which follows finds it running
  const server = await openServer({ ...options, signal });
  try {
    const reply = await requestServerJson({
      baseUrl: server.url,
      apiKey: server.apiKey,
      path: "/v1/chat/completions",
      body: {
        messages: [{ role: "user", content: "Hello" }],
        reasoning_effort: "low",
        temperature: 0,
        max_tokens: 512,
      },
      signal,
    });
    const { choices, timings } = completionSchema.parse(reply);
    const text = choices[0]?.message.content ?? "";
    return {
      answer: summarizeHarmony(parseHarmony(text)).final,
      promptPerSecond: timings.prompt_per_second,
      answerPerSecond: timings.predicted_per_second,
      log: await readFile(server.logFile, "utf8"),
    };
  } catch (error) {
    if (signal?.aborted || GptOssError.isInstance(error)) throw error;
    throw failed("noProbeAnswer", [messageOf(error), server.logFile], { cause: error });
  } finally {
    await server.stop();
  }
}
