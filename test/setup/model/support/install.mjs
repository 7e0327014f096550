// A process of its own to be killed: fetches MODEL into the Hugging Face cache of its environment.
import { importTypeScript } from "../../../support/import-typescript.mjs";

const { installModel } = await importTypeScript("setup/model-steps.ts");
await installModel({ model: JSON.parse(process.env.MODEL), cacheFolder: process.env.CACHE, environment: process.env });
