import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import { HuggingFace, modelOf } from "../../support/hugging-face.ts";

const run = promisify(execFile);
const MOUNT_SMALL_DISK = 'mount -t tmpfs -o size=4m tmpfs "$HF_HUB_CACHE" && exec "$0" "$@"';
/** A mount of one's own takes Linux's namespaces, which some machines and all Macs do not have. */
const canMount = spawnSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"]).status === 0;
const onSmallDisk = canMount ? it : it.skip;

const files = { "tiny.gguf": randomBytes(3_000_000) };
let folder: string;
let hub: HuggingFace;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-disk-"));
  await mkdir(join(folder, "hub"));
  hub = await new HuggingFace(files).start();
});
afterEach(async () => {
  await hub.stop();
  await rm(folder, { recursive: true, force: true });
});

async function installOnSmallDisk(content: Buffer, filler: number): Promise<Record<string, unknown>> {
  const script = packageFile("test/setup/model/support/disk-full.mjs");
  const { stdout } = await run("unshare", ["-rm", "sh", "-c", MOUNT_SMALL_DISK, process.execPath, script], {
    env: {
      ...process.env,
      HF_ENDPOINT: hub.endpoint,
      HF_HUB_CACHE: join(folder, "hub"),
      CACHE: join(folder, "cache"),
      MODEL: JSON.stringify(modelOf({ "tiny.gguf": content })),
      FILLER: String(filler),
    },
  });
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe("a full disk", () => {
  onSmallDisk("is seen before a byte is fetched", async () => {
    const failure = await installOnSmallDisk(randomBytes(5_000_000), 0);
    expect(failure).toMatchObject({ code: "disk-full", model: false, partial: false });
    expect(failure["message"]).toMatch(/^tiny needs 5\.00 MB more, but only [\d.]+ MB are free at /);
    expect(hub.requests).toEqual([]);
  });

  onSmallDisk("in the middle of a download is said, and what came is kept", async () => {
    hub.bytesPerTick = 20_000;
    const failure = await installOnSmallDisk(files["tiny.gguf"], 2_500_000);
    expect(failure).toMatchObject({ code: "disk-full", model: false, partial: true });
    expect(failure["message"]).toMatch(/^The disk is full: [\d.]+ MB of 3\.00 MB of tiny\.gguf are saved\.$/);
  });

  onSmallDisk("is not seen where there is room", async () => {
    expect(await installOnSmallDisk(files["tiny.gguf"], 0)).toEqual({ code: "none" });
  });
});
