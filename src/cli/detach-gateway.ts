import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { z } from "zod";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import { LOOPBACK } from "../llama-server/start-server.ts";
import type { OpenServer } from "../llama-server/open-server.ts";
import { errorOf, failureSchema, type Gateway } from "../llama-server/protocol.ts";
import { askStatus } from "../llama-server/supervisor-client.ts";
import { childEnvironment } from "../platform/child-environment.ts";
import { cacheFolder, packageFile } from "../platform/folders.ts";
import type { CommandContext } from "./command-options.ts";

/** The settings that the process of a gateway receives. They arrive by message, so that no command line or environment contains the key. */
export const detachedGatewaySchema = z.object({
  program: z.string(),
  cache: z.string(),
  model: z.object({ name: z.string(), path: z.string(), bytes: z.number(), isInCatalogue: z.boolean() }),
  context: z.number().optional(),
  slots: z.number().optional(),
  rpc: z.string().optional(),
  host: z.string().optional(),
  port: z.number(),
  apiKey: z.string().optional(),
  corsOrigin: z.string().optional(),
  logPrompts: z.boolean(),
  logFile: z.string(),
});
export type DetachedGateway = z.infer<typeof detachedGatewaySchema>;

/** The reply of that process: its address, or why it cannot serve. */
export const gatewayReplySchema = z.union([
  z.object({ url: z.string(), apiKey: z.string() }),
  z.object({ failure: failureSchema }),
]);

type WantedGateway = Readonly<Omit<DetachedGateway, "logFile">>;

/**
 * Leaves a gateway running in its own process, in front of the server that the caller holds. A running gateway with the same settings is
 * reused, so each shell can get the address with `eval "$(gpt-oss serve --detach)"`.
 * @throws GptOssError with the reason why it cannot serve
 */
export async function detachGateway(
  server: OpenServer,
  wanted: WantedGateway,
  { environment, signal }: CommandContext,
): Promise<Pick<Gateway, "url" | "apiKey">> {
  const running = await findDetachedGateway(server, wanted, environment);
  if (running) return running;
  const logFile = gatewayLogFile(wanted);
  const child = spawn(process.execPath, [packageFile("dist/src/cli/gateway-process.js")], {
    detached: true,
    cwd: "/",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: childEnvironment("gateway", environment),
  });
  const stop = () => void child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  try {
    child.send({ ...wanted, logFile });
    const ended = once(child, "exit").then(() => undefined);
    const message = await Promise.race([once(child, "message"), ended]);
    const reply = gatewayReplySchema.safeParse(message?.[0]).data;
    if (reply === undefined) {
      throw signal.aborted
        ? createError("interrupted", [errorDetail("startingServer")])
        : createError("gatewayEnded", [logFile]);
    }
    if ("failure" in reply) throw errorOf(reply.failure);
    return reply;
  } finally {
    signal.removeEventListener("abort", stop);
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** One file for gateways with the same settings; the key is not among them. */
function gatewayLogFile(settings: WantedGateway): string {
  const name = createHash("sha256")
    .update(JSON.stringify({ ...settings, apiKey: "" }))
    .digest("hex")
    .slice(0, 8);
  return join(settings.cache, "logs", `gateway-${settings.model.name.replaceAll(/[^\w.-]/g, "_")}-${name}.log`);
}

async function findDetachedGateway(
  server: OpenServer,
  wanted: WantedGateway,
  environment: CommandContext["environment"],
): Promise<Gateway | undefined> {
  const status = await askStatus({ cache: wanted.cache, environment });
  const shared = status?.servers.find(({ url }) => url === server.url);
  return shared?.gateways.find(
    ({ detached, host, port, apiKey, corsOrigin, logPrompts }) =>
      detached &&
      host === (wanted.host ?? LOOPBACK) &&
      (wanted.port === 0 || wanted.port === port) &&
      (!wanted.apiKey || wanted.apiKey === apiKey) &&
      corsOrigin === wanted.corsOrigin &&
      logPrompts === wanted.logPrompts,
  );
}

/** Whether the gateway that another `serve --detach` left running has a port. */
export async function runsDetached(port: number | undefined, { environment }: CommandContext): Promise<boolean> {
  if (port === undefined || port === 0) return false;
  const cache = cacheFolder(environment, process.platform === "darwin" ? "darwin" : "linux");
  const status = await askStatus({ cache, environment });
  const gateways = status?.servers.flatMap((server) => server.gateways) ?? [];
  return gateways.some((gateway) => gateway.detached && gateway.port === port);
}
