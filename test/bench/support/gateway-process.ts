import { startGateway } from "../../../src/gateway/index.ts";
import { KnownServer } from "../../../src/inference/capabilities.ts";
import { InferenceClient } from "../../../src/inference/client.ts";

// The gateway in a process of its own, as `serve` runs it, in front of a raw llama-server whose address and key are the arguments. Its own
// address is the first line on standard output.
const [, , baseUrl = "", apiKey = ""] = process.argv;
const knownServer = new KnownServer({ mode: "raw", isLlamaServer: true, hasOwnTemplate: true, contextSize: 8_192 });
const source = new InferenceClient({ baseUrl: `${baseUrl}/v1`, apiKey, knownServer });
const gateway = await startGateway({ source, model: { name: "demo" } });
process.stdout.write(`${gateway.url}\n`);
