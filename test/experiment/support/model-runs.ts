import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "@jest/globals";
import type { RunExperimentOptions } from "../../../src/index.ts";
import type { ChatBody, ModelServer } from "../../wire/support/model-server.ts";

/** A new folder for each test of a file. @returns its path, in a test */
export function useFolder(): () => string {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "gpt-oss-experiment-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}

/** The variables of a user without settings, whose caches are in the folder too. */
export function environmentIn(folder: string): Readonly<Record<string, string>> {
  return { GPT_OSS_CONFIG: join(folder, "none.yaml"), GPT_OSS_CACHE: join(folder, "cache") };
}

/** Runs everything inside the folder and asks the scripted server. */
export function optionsIn(folder: string, { baseUrl }: ModelServer): RunExperimentOptions {
  return { folder, out: join(folder, "runs"), server: { baseUrl }, environment: environmentIn(folder) };
}

/** The questions that the server was asked, in order. */
export function chatsOf({ exchanges }: ModelServer): readonly ChatBody[] {
  return exchanges.filter(({ path }) => path === "/v1/chat/completions").map(({ body }) => body as ChatBody);
}
