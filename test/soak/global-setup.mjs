import setUpLiveTests from "../live/global-setup.mjs";
import { importTypeScript } from "../support/import-typescript.mjs";

/** What the live tests need, the build for several machines beside it, and how often faults, kills and disturbed answers come. */
export default async function setUpSoakTests() {
  process.env.GPT_OSS_FAULT_REPEATS ??= "20";
  process.env.GPT_OSS_KILLS ??= "200";
  process.env.GPT_OSS_DISTURBED_COMPLETIONS ??= "1000";
  process.env.GPT_OSS_GATEWAY_MINUTES ??= "5";
  process.env.GPT_OSS_DISTURBED_REQUESTS ??= "500";
  await setUpLiveTests();
  const { prepareRpcServer } = await importTypeScript("test/live/support/prepare-server.ts");
  await prepareRpcServer();
}
