// A process of its own: asks a conversation that is kept in Redis each line of its standard input, and writes an answer a line.
import { createInterface } from "node:readline";
import { RedisChatMessageHistory } from "@langchain/redis";
import { conversation } from "../../../../dist/chains/index.js";
import { ChatGptOss, createMemory, ServerTokenCounter } from "../../../../dist/src/index.js";

const { baseUrl, apiKey, socket, sessionId, context, room } = JSON.parse(process.argv[2]);
const history = new RedisChatMessageHistory({ sessionId, config: { socket: { path: socket } } });
const currentDate = "2026-11-26";
const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0 };
const connection = { baseUrl, apiKey, effort: "medium", currentDate };
const model = new ChatGptOss({ ...connection, model: "demo", maxTokens: room, sampling });
const counter = new ServerTokenCounter(connection);
const memory = createMemory({ history, model, budget: { context, room, counter } });
const chatSession = conversation({ model, history, memory });

for await (const question of createInterface(process.stdin)) {
  process.stdout.write(`${await chatSession.invoke(question)}\n`);
}
await memory.close();
await history.client.quit();
