import type { Environment } from "./folders.ts";
import { formatBytes } from "./format.ts";
import { type ModelEntry } from "./model/catalogue.ts";
import { installModel } from "./model/install.ts";
import { bytesToFetch, findInstalledModel } from "./model/installed-models.ts";
import { memoryAdvice } from "./model/memory-advice.ts";
import type { Platform } from "./platform.ts";
import type { Reporter } from "./reporter.ts";
import { failed, reason } from "../src/failures/failure.ts";
import type { FoundServer } from "./find-server.ts";
import { describeReport, judgeProbe, readVerified, type ServerProbe, writeVerified } from "./verify.ts";

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
