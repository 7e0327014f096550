// An MCP server over standard input and output whose one tool `echo` has the schema that the first argument holds, and whose results are
// as long as the second says.
import { createInterface } from "node:readline";

const [, , schema = "{}", length = "0"] = process.argv;
const ANSWERS = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "test", version: "1" },
  }),
  "tools/list": () => ({ tools: [{ name: "echo", description: "Echoes.", inputSchema: JSON.parse(schema) }] }),
  "tools/call": ({ arguments: given }) => ({
    content: [{ type: "text", text: `${JSON.stringify(given)}${"x".repeat(Number(length))}` }],
  }),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  const answer = ANSWERS[method];
  if (id === undefined || answer === undefined) return;
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: answer(params) })}\n`);
});
