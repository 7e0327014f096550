import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { isLoopback } from "../config/config.ts";
import { systemCodeOf } from "../errors/errors.ts";
import { type GatewayLogEvent, type GatewayOptions, type RunningGateway, startGateway } from "../gateway/index.ts";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import { KnownServer } from "../inference/capabilities.ts";
import { InferenceClient } from "../inference/client.ts";
import { explainRequestError } from "../inference/request-error.ts";
import type { LocalModel } from "../llama-server/installed-models.ts";
import { LlamaServerClient } from "../llama-server/client.ts";
import { SAMPLING } from "../llama-server/model-catalogue.ts";
import type { OpenServer } from "../llama-server/open-server.ts";
import { LOOPBACK } from "../llama-server/start-server.ts";

/** Interval at which the gateway reports its status to the supervisor, if it has changed. */
const REPORT_MS = 500;

export interface GatewaySettings {
  /** Loopback by default. */
  readonly host?: string | undefined;
  /** 0 lets the system choose a free one. */
  readonly port: number;
  readonly apiKey: string;
  readonly corsOrigin?: string | undefined;
  readonly logPrompts: boolean;
  /** Has a process of its own. */
  readonly detached: boolean;
  readonly logFile?: string | undefined;
}

export interface OpenGatewayOptions extends GatewaySettings {
  readonly server: OpenServer;
  readonly model: LocalModel;
  readonly onLog: (event: GatewayLogEvent) => void;
}

/** A gateway in front of a server of ours. */
export interface OpenGateway extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Opens the APIs for other programs in front of the raw llama-server that a lease holds, and keeps the supervisor informed.
 * @throws GptOssError `usage` for an address that cannot be used, with the reason
 */
export async function openGateway(options: OpenGatewayOptions): Promise<OpenGateway> {
  const { server, host = LOOPBACK, port } = options;
  const gateway = await explainListening(host, port, () => startGateway(gatewayOptions(options)));
  const url = urlOf(host, gateway.port);
  let said = "";
  const report = () => {
    const description = describeGateway(gateway, url, options);
    const text = JSON.stringify(description);
    if (text !== said) server.describeGateway(description);
    said = text;
  };
  report();
  const timer = setInterval(report, REPORT_MS);
  const close = async () => {
    clearInterval(timer);
    await gateway.close();
  };
  return { url, close, [Symbol.asyncDispose]: close };
}

function gatewayOptions(options: OpenGatewayOptions): GatewayOptions & { host: string; port: number } {
  const { server, model, host = LOOPBACK, port, apiKey, corsOrigin, logPrompts, onLog } = options;
  const { url, apiKey: serverKey } = server;
  const routes = new LlamaServerClient({ url, apiKey: serverKey, explainError: explainRequestError });
  const client = new InferenceClient({
    baseUrl: `${url}/v1`,
    apiKey: serverKey,
    knownServer: new KnownServer({
      mode: "raw",
      isLlamaServer: true,
      hasOwnTemplate: true,
      alias: model.name,
      contextSize: server.contextSize,
    }),
    ready: (signal) => server.ready(signal),
  });
  return {
    host,
    port,
    apiKey,
    corsOrigin,
    logPrompts,
    onLog,
    source: client,
    // a request that names no temperature is sampled as in a chat, and not by llama-server's defaults
    sampling: model.entry?.sampling ?? SAMPLING,
    model: {
      name: model.name,
      // larger after a restart for a client that needs more
      get contextSize() {
        return server.contextSize;
      },
    },
    ready: (signal) => server.ready(signal),
    countTokens: async (request, signal) =>
      await routes.countTokens(await client.renderPrompt(request, signal), signal),
  };
}

function describeGateway(gateway: RunningGateway, url: string, options: OpenGatewayOptions) {
  const { host = LOOPBACK, apiKey, corsOrigin, logPrompts, detached, logFile } = options;
  const { startedAt: _, ...status } = gateway.status;
  return {
    url,
    host,
    port: gateway.port,
    apiKey,
    detached,
    logPrompts,
    ...(corsOrigin !== undefined && { corsOrigin }),
    ...(logFile !== undefined && { logFile }),
    ...status,
    clients: [...status.clients],
  };
}

/** The address for clients on this machine. */
function urlOf(host: string, port: number): string {
  const reachable = host === "0.0.0.0" ? LOOPBACK : host === "::" || host === "[::]" ? "::1" : host;
  return `http://${reachable.includes(":") && !reachable.startsWith("[") ? `[${reachable}]` : reachable}:${port}`;
}

export function newApiKey(): string {
  return randomBytes(24).toString("base64url");
}

/** Visible ASCII can be sent in a header, and spaces between. llama-server reads a comma as the end of a key. */
const API_KEY = /^[!-+\--~]+(?: +[!-+\--~]+)*$/;

/**
 * Checks who may reach a server: another host needs a key.
 * @throws GptOssError `usage`
 */
export function checkAccess(host: string | undefined, apiKey: string | undefined): void {
  if (apiKey && !API_KEY.test(apiKey)) throw createError("badApiKey", []);
  if (host === undefined || isLoopback(host) || apiKey) return;
  throw createError("hostWantsKey", [host]);
}

/**
 * Finds out whether a port is free, before a large model is loaded for nothing.
 * @throws GptOssError `server-failed` for an address that cannot be used
 */
export async function checkPort(host = LOOPBACK, port = 0): Promise<void> {
  if (port === 0) return;
  await explainListening(host, port, async () => {
    const server = createServer().listen(port, host);
    await once(server, "listening");
    server.close();
    await once(server, "close");
  });
}

async function explainListening<T>(host: string, port: number, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === undefined) throw error;
    if (code === "EADDRINUSE") throw createError("portTaken", [host, port]);
    throw createError("cannotListen", [host, port, code === "EACCES" ? errorDetail("portNotAllowed") : code]);
  }
}
