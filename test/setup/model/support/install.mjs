// A process of its own to be killed: fetches MODEL into the Hugging Face cache of its environment. Runs on what `npm ci` built.
import { installModel } from "../../../../dist/setup/model/install.js";

await installModel({ model: JSON.parse(process.env.MODEL), cacheFolder: process.env.CACHE, environment: process.env });
