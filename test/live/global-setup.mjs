import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importTypeScript } from "../support/import-typescript.mjs";

/** A llama-server in the cache, and a folder of their own for the servers that the tests start. */
export default async function setUpLiveTests() {
  process.stderr.write("\n");
  // servers of the tests are no servers of the user's, and go soon after the test that started them
  process.env.GPT_OSS_RUNTIME = mkdtempSync(join(tmpdir(), "gpt-oss-run-"));
  process.env.GPT_OSS_IDLE_SECONDS = "0.5";
  const { prepareServer } = await importTypeScript("test/live/support/prepare-server.ts");
  await prepareServer();
}
