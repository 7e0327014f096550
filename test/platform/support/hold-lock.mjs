// Holds the lock of its first argument until it is aborted, and says how that ended.
import { once } from "node:events";
import { importTypeScript } from "../../support/import-typescript.mjs";

const { withLock } = await importTypeScript("src/platform/lock.ts");

const alive = setInterval(() => undefined, 1_000);
try {
  await withLock(process.argv[2], "testing", undefined, async ({ signal }) => {
    console.log("in");
    await once(signal, "abort");
    console.log("aborted");
  });
} catch ({ code, wording }) {
  console.log(wording.key, code);
}
clearInterval(alive);
