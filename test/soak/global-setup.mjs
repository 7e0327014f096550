// Jest loads this file outside of its own transform, so it uses what the build made of setup/.
import { cacheFolder } from "../../dist/setup/folders.js";
import { thisMachine } from "../../dist/setup/platform.js";
import { Reporter } from "../../dist/setup/reporter.js";
import { runServerSteps } from "../../dist/setup/server-steps.js";
import setUpLiveTests from "../live/global-setup.mjs";

/** What the live tests need, the build for several machines beside it, and how often faults and kills come. */
export default async function setUpSoakTests() {
  process.env.GPT_OSS_FAULT_REPEATS ??= "20";
  process.env.GPT_OSS_KILLS ??= "200";
  await setUpLiveTests();
  const cache = cacheFolder(process.env, process.platform === "darwin" ? "darwin" : "linux");
  const reporter = new Reporter(process.stderr);
  await runServerSteps({ machine: thisMachine(process.env), cache, reporter, gpu: "cpu", rpc: true });
}
