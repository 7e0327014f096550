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
  outputFailed: (reason: string) => ({ code: "storage-failed", message: `Can't write the output: ${reason}.` }),
} satisfies Entries;

/** Problems with saved sessions, and with messages that do not fit into the context. */
export const sessions = {
  severalSessionsNamed: () => ({
    code: "usage",
    message: "--continue, --resume and --fork can't be used together. Choose one.",
  }),
  noSessionToContinue: () => ({
    code: "usage",
    message: "There is no session to continue yet.",
    hint: "Start one with: gpt-oss chat",
  }),
  noSessionToResume: () => ({
    code: "usage",
    message: "There is no session to resume yet.",
    hint: "Start one with: gpt-oss chat",
  }),
  noTerminalToPick: () => ({
    code: "usage",
    message: "Can't choose a session without a terminal.",
    hint: "Use gpt-oss chat --resume ID or TITLE. For a list of sessions: gpt-oss sessions list",
  }),
  unknownSession: (reference: string) => ({
    code: "usage",
    message: `Session not found: ${reference}.`,
    hint: "For a list of sessions: gpt-oss sessions list",
  }),
  severalSessions: (reference: string, count: number, ids: string) => ({
    code: "usage",
    message: `${count} sessions match ${reference}.`,
    hint: `Use an ID: ${ids}.`,
  }),
  nothingToSearch: () => ({ code: "usage", message: "The search text is empty. Type one or more words." }),
  emptyTitle: () => ({ code: "usage", message: "The new title is empty. Type a title." }),
  historyCannotUndo: () => ({
    code: "usage",
    message: "This history cannot remove its last turn.",
    hint: "Use SessionChatMessageHistory, or implement undo() in your history.",
  }),
  noExportedSession: (origin: string, reason: string) => ({
    code: "usage",
    message: `${origin} is not a session export: ${reason}.`,
    hint: "Export one with: gpt-oss sessions export ID --format json.",
  }),
  sessionOpenElsewhere: (id: string, pid: number) => ({
    code: "session-locked",
    message: `The session ${id} is open in another process (pid ${pid}).`,
    hint: `Close it, or continue in a copy: gpt-oss chat --fork ${id}`,
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
    message: `Another process has taken over the session ${id}.`,
    hint: `Continue in a copy: gpt-oss chat --fork ${id}`,
  }),
  diskFullForSessions: (path: string) => ({
    code: "disk-full",
    message: `The disk is full: nothing more can be saved in ${path}.`,
    hint: "Free some space, or chat without saving: gpt-oss chat --no-save",
  }),
  unusableStorage: (path: string, reason: string) => ({
    code: "storage-failed",
    message: `Can't access ${path}: ${reason}.`,
    hint: "Choose another folder with GPT_OSS_DATA, or chat without saving: gpt-oss chat --no-save",
  }),
  conversationFull: (size: number) => ({
    code: "context-overflow",
    message: `The conversation is full: it exceeds the available ${size} tokens.`,
    hint: "Start a new conversation, or summarize older turns with --memory summary.",
  }),
  messageTooLong: (tokens: number, size: number, context: number, room: number) => ({
    code: "context-overflow",
    message:
      `This message takes ${tokens} tokens including formatting, but only ${size} are available: ` +
      `the server's context of ${context}, minus ${room} for the answer.`,
    hint: "Send a part of it, shorten it with --cut-long, or start with a larger --context.",
  }),
} satisfies Entries;

/** Problems with a chat's tools, and limits that stop an agent. */
export const tools = {
  badTools: (reason: string) => ({
    code: "usage",
    message: `${reason}.`,
    hint: "Use a comma-separated list of: calculator, clock, files:PATH, read:PATH, notes, browser:PATH, python, code:PATH, command:PATH, fetch, mcp:FILE.",
  }),
  toolNamedTwice: (tool: string) => ({
    code: "usage",
    message: `The tool ${tool} is listed twice.`,
    hint: "Choose one folder for it.",
  }),
  noPython: () => ({
    code: "usage",
    message: "No Python 3 was found that runs here.",
    hint: "Install python3 and make sure that it is on the PATH.",
  }),
  noFolder: (path: string) => ({ code: "usage", message: `${path} is not a folder.` }),
  unreadableFolder: (path: string) => ({
    code: "usage",
    message: `The folder ${path} does not exist or can't be read.`,
  }),
  agentStopped: (reason: string) => ({
    code: "agent-stopped",
    message: `The agent was stopped: ${reason}.`,
    hint: "Its results so far are saved. Ask again in smaller steps, or raise the limits.",
  }),
  toolNotOffered: (tool: string, offered: string) => ({
    code: "usage",
    message: `The tool "${tool}" is not enabled.`,
    hint: `Enabled tools: ${offered}.`,
  }),
  noToolOffered: (tool: string) => ({
    code: "usage",
    message: `The tool "${tool}" is not enabled, and no other tool is.`,
  }),
  turnTooLong: (tokens: number, room: number) => ({
    code: "context-overflow",
    message: `This turn takes ${tokens} tokens including its tool calls, but only ${room} are available.`,
    hint: "Ask in smaller steps, enable fewer tools, or start with a larger --context.",
  }),
  badMcpServer: (name: string, place: string, reason: string) => ({
    code: "usage",
    message: `The MCP server "${name}" (${place}) can't be used: ${reason}.`,
  }),
  noMcpPackage: () => ({
    code: "usage",
    message: "MCP servers need a package that is not installed.",
    hint: "Install it with: npm install @langchain/mcp-adapters",
  }),
  badMcpFile: (path: string, reason: string) => ({
    code: "usage",
    message: `The MCP file ${path} can't be used: ${reason}.`,
    hint: 'Use this form: {"mcpServers": {"files": {"command": "npx", "args": ["…"]}}}.',
  }),
} satisfies Entries;
