import type { Entries } from "../catalogue.ts";

/** What can be wrong with the tools that a chat is given, and what ends an agent. */
export const tools = {
  badTools: (reason: string) => ({
    code: "usage",
    message: `${reason}.`,
    hint: "The tools are calculator, clock, files:PATH, read:PATH, notes, command:PATH, fetch and mcp:FILE, with commas between them.",
  }),
  toolNamedTwice: (tool: string) => ({
    code: "usage",
    message: `The tool ${tool} is named twice.`,
    hint: "Name one folder.",
  }),
  noFolder: (path: string) => ({ code: "usage", message: `${path} is not a folder.` }),
  unreadableFolder: (path: string) => ({ code: "usage", message: `There is no folder ${path} that can be read.` }),
  agentStopped: (reason: string) => ({
    code: "agent-stopped",
    message: `The agent was stopped: ${reason}.`,
    hint: "What it has found so far is kept. Ask again in smaller steps, or raise the limits.",
  }),
  badMcpServers: (path: string, reason: string) => ({
    code: "usage",
    message: `The MCP servers of ${path} can't be used: ${reason}.`,
  }),
  noMcpPackage: () => ({
    code: "usage",
    message: "MCP servers need a package that is not installed.",
    hint: "Install it with: npm install @langchain/mcp-adapters",
  }),
  badMcpFile: (path: string, reason: string) => ({
    code: "usage",
    message: `The MCP file ${path} can't be used: ${reason}.`,
    hint: 'It has to look like {"mcpServers": {"files": {"command": "npx", "args": ["…"]}}}.',
  }),
} satisfies Entries;
