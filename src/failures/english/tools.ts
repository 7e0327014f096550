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
  toolNotOffered: (tool: string, offered: string) => ({
    code: "usage",
    message: `No tool "${tool}" is offered.`,
    hint: `There are ${offered}.`,
  }),
  noToolOffered: (tool: string) => ({ code: "usage", message: `No tool "${tool}" is offered, nor any other.` }),
  turnTooLong: (tokens: number, room: number) => ({
    code: "context-overflow",
    message: `This turn has grown to ${tokens} tokens with the calls of tools in it, and there is room for ${room}.`,
    hint: "Ask in smaller steps, offer fewer tools, or start with a larger --context.",
  }),
  badMcpServer: (name: string, place: string, reason: string) => ({
    code: "usage",
    message: `The MCP server "${name}" of ${place} can't be used: ${reason}.`,
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
