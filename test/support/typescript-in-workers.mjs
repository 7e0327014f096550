// Lets the threads that the product starts run from its TypeScript sources, where jest's own transform does not reach.
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

if (!isMainThread) register("./typescript-hooks.mjs", import.meta.url);
