import { mkdirSync } from "node:fs";
import { join } from "node:path";

// Files run side by side, and each worker has supervisors and servers of its own, so that no file counts those of another.
const { GPT_OSS_TEST_RUNTIME, JEST_WORKER_ID = "1" } = process.env;
if (GPT_OSS_TEST_RUNTIME !== undefined) {
  process.env.GPT_OSS_RUNTIME = join(GPT_OSS_TEST_RUNTIME, JEST_WORKER_ID);
  mkdirSync(process.env.GPT_OSS_RUNTIME, { recursive: true, mode: 0o700 });
}
