import { appendFileSync } from "node:fs";
import {
  callOf,
  type ChatBody,
  finalText,
  type Reply,
  startModelServer,
  thinkingThen,
} from "../../wire/support/model-server.ts";

/**
 * Stands for llama-server as a program. It answers "Hello." to a plain question. To one that contains the word TOOLS, it calls the client's
 * shell twice, one command after the other, and then says what the second one printed.
 */
const words = process.argv.slice(2);
const log = `${process.argv[1] ?? ""}.jsonl`;
const valueOf = (name: string) => Number(words[words.indexOf(name) + 1]);

interface Tool {
  readonly function: {
    readonly name: string;
    readonly parameters?: { readonly properties?: Readonly<Record<string, { readonly type?: string }>> };
  };
}

/** The shell of Codex, Claude Code or opencode. */
const SHELLS = new Set(["exec_command", "shell_command", "shell", "Bash", "bash"]);

function shellCall(tools: readonly Tool[], command: string): string {
  const shell = tools.find((tool) => SHELLS.has(tool.function.name));
  if (shell === undefined) return finalText(`no shell among ${tools.map((tool) => tool.function.name).join(" ")}`);
  const { name, parameters } = shell.function;
  const properties = parameters?.properties ?? {};
  const field = "cmd" in properties ? "cmd" : "command";
  const value = properties[field]?.type === "array" ? ["sh", "-c", command] : command;
  return callOf(name, { [field]: value, ...("description" in properties && { description: "Prints a word" }) });
}

function reply({ messages, tools }: ChatBody): Reply {
  const last = messages.findLastIndex(
    ({ role, content }) => role === "user" && JSON.stringify(content).includes("TOOLS"),
  );
  if (last < 0 || !Array.isArray(tools)) return thinkingThen("They greet me.", finalText("Hello."));
  const results = messages.slice(last).filter(({ role }) => role === "tool");
  if (results.length === 0) return thinkingThen("First.", shellCall(tools as Tool[], "echo one$((1+1))"));
  if (results.length === 1) return thinkingThen("Second.", shellCall(tools as Tool[], "echo three$((2+2))"));
  return thinkingThen("Done.", finalText(`Results: ${JSON.stringify(results.map(({ content }) => content))}`));
}

if (words.includes("--version")) {
  process.stdout.write("version: 0.5.0 (build 1, commit de3ff81)\n");
} else {
  const contextSize = valueOf("--ctx-size");
  const server = await startModelServer({
    port: valueOf("--port"),
    contextSize,
    replies: reply,
    onExchange: (exchange) => appendFileSync(log, `${JSON.stringify(exchange)}\n`),
  });
  process.stdout.write(`n_slots = 1, n_ctx_slot = ${contextSize}\n`);
  process.stdout.write(`main: server is listening on http://${new URL(server.baseUrl).host}\n`);
  const end = () => process.exit(0);
  process.once("SIGTERM", end);
  process.stdin.resume().once("close", end);
}
