import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { type ModelServer, type ModelServerOptions, startModelServer } from "../../wire/support/model-server.ts";
import { checkScore } from "./support/check-score.ts";
import { addressOf, publishedMarks, type ServerAddress, STANDARD_TESTS } from "./support/score.ts";
import { rawReply, splitReply } from "./support/scripted-model.ts";

it("are listed in docs/langchain.md, each once", () => {
  const names = STANDARD_TESTS.map(({ name }) => name);
  const published = [...publishedMarks().keys()];
  expect(published).toEqual(names);
  expect(new Set(names).size).toBe(8 + 29);
});

const servers: ModelServer[] = [];
let raw: ServerAddress;
let split: ServerAddress;
beforeAll(async () => {
  raw = await startServer({ kind: "ours", replies: rawReply });
  split = await startServer({ kind: "splitting-llama", replies: splitReply });
});
afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
});

async function startServer(options: ModelServerOptions): Promise<ServerAddress> {
  const server = await startModelServer(options);
  servers.push(server);
  return await addressOf(server.baseUrl, "secret");
}

checkScore({ name: "script, raw", address: () => raw, callsInParallel: true });
checkScore({ name: "script, split", address: () => split, callsInParallel: true });
