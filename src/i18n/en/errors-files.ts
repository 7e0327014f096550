import type { Entries } from "../language.ts";

/** Problems with files that a user names, to read or to write. */
export const files = {
  fileNotFound: (path: string) => ({ code: "usage", message: `File not found: ${path}.` }),
  fileIsFolder: (path: string) => ({ code: "usage", message: `${path} is a folder, not a file.` }),
  fileNotRegular: (path: string, kind: string) => ({
    code: "usage",
    message: `${path} is ${kind}, not a regular file.`,
    hint: "Save its content in a file first.",
  }),
  fileTooLarge: (path: string, size: string, limit: string) => ({
    code: "usage",
    message: `${path} is too large: ${size}. The limit is ${limit}.`,
  }),
  fileNotText: (path: string, kind: string) => ({
    code: "usage",
    message: `${path} is ${kind}, not a text file.`,
  }),
  fileNotAllowed: (path: string) => ({ code: "usage", message: `You don't have permission to read ${path}.` }),
  fileUnreadable: (path: string, reason: string) => ({ code: "usage", message: `Can't read ${path}: ${reason}.` }),
  fileExists: (path: string) => ({
    code: "storage-failed",
    message: `${path} already exists.`,
    hint: "Choose another file name.",
  }),
  diskFullForFile: (path: string) => ({
    code: "disk-full",
    message: `The disk is full: ${path} was not written.`,
    hint: "Free some space, or choose a folder on another disk.",
  }),
  fileNotWritten: (path: string, reason: string) => ({
    code: "storage-failed",
    message: `Can't write ${path}: ${reason}.`,
    hint: "Choose a new file in a folder that you can write to.",
  }),
  currentFolderGone: () => ({
    code: "usage",
    message: "The current folder no longer exists.",
    hint: "Change to another folder first.",
  }),
  outputFailed: (reason: string) => ({ code: "storage-failed", message: `write error: ${reason}` }),
} satisfies Entries;

/** What can go wrong with conversations that are kept, and with what fits into them. */
export const sessions = {
  severalSessionsNamed: () => ({
    code: "usage",
    message: "--continue, --resume and --fork each name a session; only one of them can be given.",
  }),
  noSessionToContinue: () => ({
    code: "usage",
    message: "There is no session to continue yet.",
    hint: "Start one with: gpt-oss chat.",
  }),
  noSessionToResume: () => ({
    code: "usage",
    message: "There is no session to resume yet.",
    hint: "Start one with: gpt-oss chat.",
  }),
  noTerminalToPick: () => ({
    code: "usage",
    message: "There is no terminal to pick a session on.",
    hint: "Name one: gpt-oss chat --resume ID|TITLE (gpt-oss sessions list shows them).",
  }),
  unknownSession: (reference: string) => ({
    code: "usage",
    message: `There is no session ${reference}.`,
    hint: "gpt-oss sessions list shows those that are there.",
  }),
  severalSessions: (reference: string, count: number, ids: string) => ({
    code: "usage",
    message: `${reference} fits ${count} sessions.`,
    hint: `Name one by its id: ${ids}.`,
  }),
  nothingToSearch: () => ({ code: "usage", message: "There is nothing to search for." }),
  emptyTitle: () => ({ code: "usage", message: "The new title is empty." }),
  noExportedSession: (origin: string, reason: string) => ({
    code: "usage",
    message: `${origin} is no exported session: ${reason}.`,
    hint: "Export one with: gpt-oss sessions export ID --format json.",
  }),
  sessionOpenElsewhere: (id: string, pid: number) => ({
    code: "session-locked",
    message: `The session ${id} is open in another process (pid ${pid}).`,
    hint: `End that one, or go on in a copy: gpt-oss chat --fork ${id}.`,
  }),
  unknownExportFormat: (ending: string, known: string) => ({
    code: "usage",
    message: `Can't export as ${ending}.`,
    hint: `Use a file name that ends with one of: ${known}.`,
  }),
  sessionInUse: (id: string, pid: number) => ({
    code: "session-locked",
    message: `The session ${id} is open in another process (pid ${pid}).`,
    hint: "Close that chat first.",
  }),
  sessionTakenOver: (id: string) => ({
    code: "session-locked",
    message: `The session ${id} was taken over by another process meanwhile.`,
    hint: `Go on in a copy: gpt-oss chat --fork ${id}.`,
  }),
  diskFullForSessions: (path: string) => ({
    code: "disk-full",
    message: `The disk is full: nothing more can be kept in ${path}.`,
    hint: "Make room, or chat without keeping anything: gpt-oss chat --no-save.",
  }),
  unusableStorage: (path: string, reason: string) => ({
    code: "storage-failed",
    message: `${path} can't be used: ${reason}.`,
    hint: "Name another folder with GPT_OSS_DATA, or chat without keeping anything: gpt-oss chat --no-save.",
  }),
  conversationFull: (size: number) => ({
    code: "context-overflow",
    message: `The conversation is full: it has more than the ${size} tokens that there is room for.`,
    hint: "Start a new one, or let the memory make room with --memory summary.",
  }),
  messageTooLong: (tokens: number, size: number, context: number, room: number) => ({
    code: "context-overflow",
    message:
      `This message has ${tokens} tokens with its frame, and there is room for ${size}: ` +
      `the server's context of ${context}, less ${room} for the answer.`,
    hint: "Send a part of it, have its middle left out with --cut-long, or start with a larger --context.",
  }),
} satisfies Entries;

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
