import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstallOptions } from "../../../../setup/model-steps.ts";
import { HuggingFace, modelOf, sha256 } from "../../../support/hugging-face.ts";

/** A model of 3 MB, a stand-in for Hugging Face that has it, and an empty cache folder. */
export class DownloadFixture {
  static readonly content = randomBytes(3_000_000);
  static readonly model = modelOf({ "tiny.gguf": DownloadFixture.content });
  readonly folder: string;
  hub: HuggingFace;
  /** Milliseconds of every wait before a retry; nothing really waits. */
  readonly waits: number[] = [];

  private constructor(folder: string, hub: HuggingFace) {
    this.folder = folder;
    this.hub = hub;
  }

  static async start(): Promise<DownloadFixture> {
    const folder = await mkdtemp(join(tmpdir(), "gpt-oss-model-"));
    return new DownloadFixture(folder, await new HuggingFace({ "tiny.gguf": DownloadFixture.content }).start());
  }

  async stop(): Promise<void> {
    await this.hub.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  options(more: Partial<InstallOptions> = {}): InstallOptions {
    return {
      model: DownloadFixture.model,
      cacheFolder: join(this.folder, "cache"),
      delay: (milliseconds) => Promise.resolve(this.waits.push(milliseconds)),
      silenceMs: 2_000,
      ...more,
      environment: { HF_ENDPOINT: this.hub.endpoint, HF_HUB_CACHE: join(this.folder, "hub"), ...more.environment },
    };
  }

  get repository(): string {
    return join(this.folder, "hub", "models--example--tiny-GGUF");
  }

  get blob(): string {
    return join(this.repository, "blobs", sha256(DownloadFixture.content));
  }

  get partial(): string {
    return `${this.blob}.incomplete`;
  }

  /** A blob or a name in a snapshot: something that would be taken for a model. */
  get hasModel(): boolean {
    return existsSync(this.blob) || existsSync(join(this.repository, "snapshots"));
  }
}

export async function failureOf(promise: Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  return (await promise.then(
    () => ({ code: "none", message: "it succeeded", hint: "" }),
    (error: unknown) => error,
  )) as { code: string; message: string; hint: string };
}
