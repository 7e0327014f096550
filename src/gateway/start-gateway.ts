import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { isLoopback } from "../config/config.ts";
import { createError } from "../i18n/error-messages.ts";
import { createGateway } from "./create-gateway.ts";
import { DEFAULT_LIMITS, type GatewayOptions } from "./gateway-options.ts";
import { GatewayStatistics, type GatewayStatus } from "./statistics.ts";

export interface StartGatewayOptions extends GatewayOptions {
  /** 127.0.0.1 by default. Any other address needs a key. */
  readonly host?: string | undefined;
  /** Any free port by default. */
  readonly port?: number | undefined;
}

export interface RunningGateway extends AsyncDisposable {
  /** Without a path: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  readonly status: GatewayStatus;
  /** Ends all requests. */
  close(): Promise<void>;
}

/**
 * Listens for the clients of a gateway.
 * @throws GptOssError `usage` for a host other than loopback without a key; what `listen` emits for a port that is taken
 */
export async function startGateway(options: StartGatewayOptions): Promise<RunningGateway> {
  const { host = "127.0.0.1", port = 0, apiKey, limits } = options;
  if (!isLoopback(host) && !apiKey) throw createError("hostWantsKey", [host]);
  const statistics = new GatewayStatistics();
  const app = createGateway(options, statistics);
  // a library does not replace the Request and Response of its host
  const listener = getRequestListener(async (request) => await app.fetch(request), { overrideGlobalObjects: false });
  const server = createServer(
    { maxHeaderSize: limits?.headerBytes ?? DEFAULT_LIMITS.headerBytes },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  server.listen(port, host);
  await once(server, "listening");
  const { address, family, port: ownPort } = server.address() as AddressInfo;
  const close = async () => await closeServer(server);
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${ownPort}`,
    port: ownPort,
    get status() {
      return statistics.status;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}
