import { readFile } from "node:fs/promises";
import { z } from "zod";
import { GptOssError, systemCodeOf, messageOf } from "../src/errors/errors.ts";
import { parseHarmony, summarizeHarmony } from "../src/harmony/index.ts";
import { createError, type LocalizedText, errorDetail } from "../src/i18n/error-messages.ts";
import type { FoundServer } from "../src/llama-server/find-server.ts";
import { requestServerJson } from "../src/llama-server/http.ts";
import { type HubRepository, rememberVerified } from "../src/llama-server/hub-cache.ts";
import {
  bytesToFetch,
  findFile,
  type ModelOptions,
  repositoryOf,
  type LocalModel,
  findInstalledModel,
} from "../src/llama-server/installed-models.ts";
import { memoryAdvice } from "../src/llama-server/memory-estimate.ts";
import { modelBytes, type ModelFile, shippedModelPath, type ModelEntry } from "../src/llama-server/model-catalogue.ts";
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
import { type Lease, withLock } from "../src/platform/lock.ts";
import { freeDisk, type Platform } from "../src/platform/platform.ts";
import { formatBytes } from "../src/terminal/format.ts";
import { download, type DownloadOptions } from "./model/download.ts";
import { createHttpClient, type HttpClient } from "./model/http-client.ts";
import type { Reporter } from "./reporter.ts";

/** No byte for so long: the connection has stalled. */
const SILENCE_MS = 30_000;

export interface InstallOptions extends ModelOptions {
  readonly onNotice?: ((notice: LocalizedText) => void) | undefined;
  readonly delay?: DownloadOptions["delay"];
  readonly silenceMs?: number | undefined;
}

export interface InstallResult {
  /** The file to point a server at. */
  readonly path: string;
  readonly fetchedBytes: number;
}

/**
 * Fetches all files of a model that are not here yet, into the Hugging Face cache.
 * @throws GptOssError as `download` does
 */
export async function installModel(options: InstallOptions): Promise<InstallResult> {
  const { model, environment, signal, onNotice } = options;
  const repository = repositoryOf(model, environment);
  if (repository === undefined) return { path: shippedModelPath(model), fetchedBytes: 0 };
  let fetchedBytes = 0;
  const paths: string[] = [];
  await checkDisk(repository, options);
  const client = await createHttpClient(environment, options.silenceMs ?? SILENCE_MS);
  try {
    for (const file of model.files) {
      const fetchFile = (lease: Lease) =>
        installFile(repository, file, client, { ...options, signal: lease.signal, beforeRename: lease.ensureHeld });
      const { path, bytes } = await withLock(
        repository.lock(file),
        errorDetail("downloading", file.name),
        signal,
        fetchFile,
        { onWait: (holder) => onNotice?.(errorDetail("waitingForDownload", holder, file.name)) },
      ).catch((error: unknown) => {
        throw asWritingFailure(error, repository);
      });
      paths.push(path);
      fetchedBytes += bytes;
    }
  } finally {
    await client.close();
  }
  const [path] = paths;
  if (path === undefined) throw new Error(`${model.name} has no files`);
  return { path, fetchedBytes };
}

/** A cache folder that can't be used, such as one with a file in a folder's place. */
function asWritingFailure(error: unknown, { folder }: HubRepository): unknown {
  const code = GptOssError.isInstance(error) ? undefined : systemCodeOf(error);
  return code === undefined ? error : createError("downloadNotWritten", [folder, code], { cause: error });
}

/** All of a model's files have to fit before the first byte of any is fetched. */
async function checkDisk({ folder }: HubRepository, { model, environment }: InstallOptions): Promise<void> {
  const missing = await bytesToFetch({ model, environment });
  const free = await freeDisk(folder);
  if (free >= missing) return;
  throw createError("noRoomForModel", [model.name, formatBytes(missing), formatBytes(free), folder]);
}

/** Downloads one file under its lock. Another process may have downloaded it while this one waited. */
async function installFile(
  repository: HubRepository,
  file: ModelFile,
  client: HttpClient,
  options: InstallOptions & Pick<DownloadOptions, "beforeRename">,
): Promise<{ readonly path: string; readonly bytes: number }> {
  const present = await findFile(repository, file, options);
  if (present !== undefined) return { path: present, bytes: 0 };
  const target = repository.blob(file);
  const fetched = await download({ ...options, file, client, partial: repository.partial(file), target });
  await rememberVerified(target, file, options.cacheFolder);
  const commit = fetched.commit ?? options.model.source?.revision ?? "main";
  return { path: await repository.publish(file, commit), bytes: fetched.fetchedBytes };
}

export interface ModelStepOptions {
  readonly model: ModelEntry;
  readonly platform: Platform;
  readonly cache: string;
  readonly environment: Environment;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** Asked before a download. */
  readonly confirm: (question: string) => boolean;
  /** Called before the first byte is fetched, and for a model that is here. */
  readonly beforeInstall?: (() => Promise<void>) | undefined;
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
    await options.beforeInstall?.();
    reporter.done(`${model.name}: ${installed}`, { skipped: true });
    return installed;
  }
  const sized = { ...model, bytes: modelBytes(model) };
  for (const advice of memoryAdvice(sized, options.platform)) reporter.notice(advice);
  const bytes = await bytesToFetch({ model, environment });
  reporter.clear();
  if (!options.confirm(words.downloadQuestion(model.name, formatBytes(bytes))))
    throw createError("interrupted", [errorDetail("downloadDeclined")]);
  await options.beforeInstall?.();
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
    throw createError("noProbeAnswer", [messageOf(error), server.logFile], { cause: error });
  } finally {
    await server.stop();
  }
}
