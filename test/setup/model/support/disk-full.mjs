// Runs on a small disk of its own (HF_HUB_CACHE); FILLER, if set, is written there when the download has begun.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { importTypeScript } from "../../../support/import-typescript.mjs";

const { installModel } = await importTypeScript("setup/model-steps.ts");
const model = JSON.parse(process.env.MODEL);
let filler = Number(process.env.FILLER);
try {
  await installModel({
    model,
    cacheFolder: process.env.CACHE,
    environment: process.env,
    onProgress() {
      if (filler > 0) writeFileSync(join(process.env.HF_HUB_CACHE, "filler"), Buffer.alloc(filler));
      filler = 0;
    },
  });
  console.log(JSON.stringify({ code: "none" }));
} catch ({ code, message, hint }) {
  const blob = join(process.env.HF_HUB_CACHE, "models--example--tiny-GGUF", "blobs", model.files[0].sha256);
  console.log(
    JSON.stringify({ code, message, hint, model: existsSync(blob), partial: existsSync(`${blob}.incomplete`) }),
  );
}
