import type { Entries } from "../catalogue.ts";

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
