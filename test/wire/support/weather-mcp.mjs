// An MCP server with one tool, over standard input and output: a JSON-RPC message a line.
import { createInterface } from "node:readline";

const TOOL = {
  name: "weather",
  description: "都市の天気",
  inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "weather", version: "1.0.0" },
  }),
  "tools/list": () => ({ tools: [TOOL] }),
  "tools/call": ({ arguments: { city } }) => ({ content: [{ type: "text", text: `${city}: 晴れ` }] }),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result = answers[method]?.(params);
  const outcome = result === undefined ? { error: { code: -32601, message: "Method not found" } } : { result };
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...outcome })}\n`);
});
