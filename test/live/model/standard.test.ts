import { afterAll, beforeAll } from "@jest/globals";
import { checkScore } from "../../model/standard/support/check-score.ts";
import { addressOf, type ServerAddress } from "../../model/standard/support/score.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

const servers: LiveServer[] = [];
let raw: ServerAddress;
let split: ServerAddress;
beforeAll(async () => {
  raw = await startServer(false);
  split = await startServer(true);
});
afterAll(async () => {
  for (const server of servers) await server.stop();
});

async function startServer(parsed: boolean): Promise<ServerAddress> {
  const server = await startLiveServer({ parsed });
  servers.push(server);
  return await addressOf(`${server.baseUrl}/v1`, server.apiKey);
}

// the demo model makes one call after the other
checkScore({ name: "demo, raw", address: () => raw, callsInParallel: false });
checkScore({ name: "demo, split", address: () => split, callsInParallel: false });
