import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importTypeScript } from "../support/import-typescript.mjs";

/** Builds llama-server into the cache if needed, and makes a folder for the servers that the tests start (test/live/setup-worker.mjs). */
export default async function setUpLiveTests() {
  process.stderr.write("\n");
  process.env.GPT_OSS_TEST_RUNTIME = mkdtempSync(join(tmpdir(), "gpt-oss-run-"));
  // the servers of a test end soon after it
  process.env.GPT_OSS_IDLE_SECONDS = "0.5";
  const { prepareServer } = await importTypeScript("test/live/support/prepare-server.ts");
  await prepareServer();
}
