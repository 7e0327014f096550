import type { Socket } from "node:net";
import { z } from "zod";
import { type ErrorCode, GptOssError, type ErrorDetail, type MessageParameter } from "../errors/errors.ts";
import type { LocalizedText } from "../i18n/error-messages.ts";

/**
 * What supervisor and clients say to each other: JSON lines over a unix socket. `hello`, `retire` and its answers never
 * change, so that any two versions of this package can part in peace; everything else may, with this number.
 */
export const PROTOCOL_VERSION = 4;

/** The server that a client asks for. */
export const wantedServerSchema = z.object({
  /** What makes two servers the same but for their size: program, model, template, rpc-servers, variables. */
  identity: z.string(),
  program: z.string(),
  modelPath: z.string(),
  alias: z.string(),
  templatePath: z.string().optional(),
  rpc: z.string().optional(),
  /** Environment variables that choose its devices and libraries. */
  variables: z.record(z.string(), z.string()).optional(),
  /** Tokens of one conversation. */
  contextPerSlot: z.number().int().positive(),
  /** Exactly that context; otherwise a larger one will do as well. */
  exactContext: z.boolean(),
  /** Conversations at once, at least. */
  slots: z.number().int().positive(),
  /** 0 for any. */
  port: z.number().int().min(0).max(65_535),
  /** Undefined for any, which is loopback if the server has to be started. */
  host: z.string().optional(),
  /** Undefined for any. */
  apiKey: z.string().optional(),
  threads: z.number().int().positive().optional(),
  batchSize: z.number().int().positive().optional(),
  cacheMebibytes: z.number().optional(),
  /** Bytes of weights with their buffers, and of cache for one token of one slot: what the server will take. */
  weightBytes: z.number(),
  cacheBytesPerToken: z.number(),
  logFolder: z.string(),
});
export type WantedServer = z.infer<typeof wantedServerSchema>;

/** A gateway for other programs: what it is, and what it has done so far. */
export const gatewaySchema = z.object({
  /** For clients, without a path. */
  url: z.string(),
  /** What it listens on. */
  host: z.string(),
  port: z.number(),
  apiKey: z.string(),
  /** Has a process of its own, which runs until `stop`. */
  detached: z.boolean(),
  corsOrigin: z.string().optional(),
  logPrompts: z.boolean(),
  logFile: z.string().optional(),
  /** Names of its clients, the latest last. */
  clients: z.array(z.string()),
  activeRequests: z.number(),
  requests: z.number(),
  failedRequests: z.number(),
  promptTokens: z.number(),
  /** Prompt tokens that the model server found in its cache. */
  cachedTokens: z.number(),
  answerTokens: z.number(),
  /** Of the last answer. */
  tokensPerSecond: z.number().optional(),
});
export type Gateway = z.infer<typeof gatewaySchema>;

export const requestSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("lease"),
    wanted: wantedServerSchema,
    /** Seconds that the server lives on when this was the last lease. */
    idleSeconds: z.number().nonnegative(),
    clientPid: z.number(),
  }),
  /** The leased server shall stay when this lease goes, until `stop`. */
  z.object({ type: z.literal("keep") }),
  /** The client that holds the lease is a gateway. Sent again whenever something changes. */
  z.object({ type: z.literal("gateway"), gateway: gatewaySchema }),
  z.object({ type: z.literal("status") }),
  /** Stops every server, in use or not. */
  z.object({ type: z.literal("stop") }),
  /** Asks the supervisor of another version to end, which it does if nobody needs it. */
  z.object({ type: z.literal("retire") }),
]);
export type Request = z.infer<typeof requestSchema>;

const reasonSchema: z.ZodType<ErrorDetail> = z.object({
  reason: z.string(),
  parameters: z.array(z.lazy(() => parameterSchema)),
});
const parameterSchema: z.ZodType<MessageParameter> = z.union([z.string(), z.number(), z.null(), reasonSchema]);
const phraseSchema: z.ZodType<LocalizedText> = z.union([z.string(), reasonSchema]);

export const failureSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  wording: z.object({ key: z.string(), parameters: z.array(parameterSchema) }).optional(),
});
export type Failure = z.infer<typeof failureSchema>;

const readyFields = {
  url: z.string(),
  apiKey: z.string(),
  serverPid: z.number(),
  logFile: z.string(),
  contextPerSlot: z.number(),
  slots: z.number(),
};

export const serverStatusSchema = z.object({
  model: z.string(),
  modelPath: z.string(),
  state: z.enum(["loading", "ready", "frozen", "restarting", "failed", "stopped"]),
  url: z.string().optional(),
  pid: z.number().optional(),
  contextPerSlot: z.number(),
  slots: z.number(),
  /** Of the programs that use it. */
  leases: z.array(z.number()),
  kept: z.boolean(),
  /** Those of its users that serve other programs. */
  gateways: z.array(gatewaySchema.extend({ pid: z.number() })),
  logFile: z.string(),
  startedAt: z.string(),
  /** Layers on the GPU and in all, once the log has told. */
  layers: z.object({ offloaded: z.number(), total: z.number() }).optional(),
  restarts: z.number(),
});
export type ServerStatus = z.infer<typeof serverStatusSchema>;

export const replySchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("loading"), fraction: z.number() }),
  z.object({ type: z.literal("ready"), ...readyFields }),
  z.object({ type: z.literal("restarting"), reason: phraseSchema }),
  /** The process is stopped (SIGSTOP); it may continue, and is restarted after a while. */
  z.object({ type: z.literal("frozen"), serverPid: z.number() }),
  /** Something has to end before the server can be had. */
  z.object({ type: z.literal("waiting"), reason: phraseSchema }),
  /** For good; the lease is gone. */
  z.object({ type: z.literal("failed"), failure: failureSchema }),
  z.object({ type: z.literal("kept") }),
  z.object({ type: z.literal("status"), pid: z.number(), version: z.string(), servers: z.array(serverStatusSchema) }),
  z.object({ type: z.literal("stopped"), servers: z.number() }),
  z.object({ type: z.literal("retired") }),
  z.object({ type: z.literal("busy"), leases: z.number() }),
]);
export type Reply = z.infer<typeof replySchema>;
export type ReadyReply = Extract<Reply, { type: "ready" }>;

export const helloSchema = z.object({
  type: z.literal("hello"),
  protocol: z.number(),
  /** Of the package. */
  version: z.string(),
  pid: z.number(),
});
export type Hello = z.infer<typeof helloSchema>;

export function describeAsFailure({ code, message, hint, wording }: GptOssError): Failure {
  return {
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(wording && { wording: { key: wording.key, parameters: [...wording.parameters] } }),
  };
}

/** The error that a failure describes. */
export function errorOf({ code, message, hint, wording }: Failure): GptOssError {
  // the codes are those of this package; an unknown code from another version is a server failure too
  return new GptOssError(code as ErrorCode, message, { wording, ...(hint !== undefined && { hint }) });
}

/** More than this without an end of line is nothing that a peer of ours says. */
const LONGEST_LINE = 2 ** 20;

/** Calls `onValue` with each JSON line that comes; `undefined` for a line that is none. */
export function readJsonLines(socket: Socket, onValue: (value: unknown) => void): void {
  let pending = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    const lines = `${pending}${text}`.split("\n");
    pending = lines.pop() ?? "";
    if (pending.length > LONGEST_LINE) socket.destroy();
    for (const line of lines) onValue(parse(line));
  });
}

/** Sends one value as a line; to a peer that is gone, nothing. */
export function writeJsonLine(socket: Socket, value: unknown): void {
  if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
