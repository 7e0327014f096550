// Applies a patch and is killed at one of its steps: node killed-patch.mjs ROOT JOURNALS STEP PATCH
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { applyPatch } from "../../../../src/tools/code/apply-patch.ts";
import { FileTransactions } from "../../../../src/tools/code/file-transaction.ts";
import { ToolFolder } from "../../../../src/tools/files/tool-folder.ts";

const [root = "", journals = "", step = "0", patch = ""] = process.argv.slice(2);
let left = Number(step);

for (const name of ["open", "rename", "rm"] as const) {
  const real = fs[name] as (...given: unknown[]) => Promise<unknown>;
  const counted = async (...given: unknown[]) => {
    if (left-- === 0) process.kill(process.pid, "SIGKILL");
    return await real(...given);
  };
  Object.assign(fs, { [name]: counted });
}
syncBuiltinESMExports();

const folder = await ToolFolder.open(root);
await applyPatch(
  patch,
  { folder, gate: () => Promise.resolve(true), transactions: new FileTransactions(journals) },
  undefined,
);
