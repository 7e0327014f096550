import { appendFileSync } from "node:fs";
import { type ChatBody, callOf, finalText, type Reply, startModelServer, thinkingThen } from "./model-server.ts";

/**
 * Stands for llama-server as a program: it says its version, listens on the port that it is given, and notes its command line and all
 * requests in a file beside it. It ends as llama-server does, when it is told to or its standard input closes.
 */
const words = process.argv.slice(2);
const log = `${process.argv[1] ?? ""}.jsonl`;

function note(value: object): void {
  appendFileSync(log, `${JSON.stringify(value)}\n`);
}

/** What each of the doctor's questions expects. */
function reply({ messages, tools, grammar }: ChatBody): Reply {
  const said = JSON.stringify(messages);
  if (tools !== undefined && !said.includes("Sunny")) return callOf("get_weather", { city: "Tokyo" });
  if (grammar !== undefined && tools === undefined) return finalText('{"name":"Alice","age":30}');
  return thinkingThen("Hm.", finalText(said.includes("my name") ? "Alice" : "9"));
}

if (words.includes("--version")) {
  process.stdout.write("version: 0.5.0 (build 1, commit de3ff81)\n");
} else {
  note({ words });
  const port = Number(words[words.indexOf("--port") + 1]);
  const server = await startModelServer({ port, contextSize: 4_096, replies: reply, onExchange: note });
  const url = new URL(server.baseUrl);
  process.stdout.write(`main: server is listening on http://${url.host}\n`);
  const end = () => process.exit(0);
  process.once("SIGTERM", end);
  process.stdin.resume().once("close", end);
}
