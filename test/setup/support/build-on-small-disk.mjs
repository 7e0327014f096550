// Runs on a small disk of its own (CACHE), with the tools of TOOLS alone; says how the steps ended.
import { importTypeScript } from "../../support/import-typescript.mjs";

const { thisMachine } = await importTypeScript("src/platform/platform.ts");
const { Reporter } = await importTypeScript("setup/reporter.ts");
const { runServerSteps } = await importTypeScript("setup/server-steps.ts");

const { CACHE: cache, TOOLS } = process.env;
const machine = { ...thisMachine({ PATH: TOOLS }), system: "linux", architecture: "x64" };
try {
  await runServerSteps({ machine, cache, reporter: new Reporter({ write: () => undefined }), gpu: "cpu" });
  console.log(JSON.stringify({ code: "none" }));
} catch ({ code, message }) {
  console.log(JSON.stringify({ code, message }));
}
