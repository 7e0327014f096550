/** The process of a detached gateway: started by `gpt-oss serve --detach`, ended by `gpt-oss serve stop`. */
import { once } from "node:events";
import { GptOssError, messageOf } from "../errors/errors.ts";
import type { GatewayLogEvent } from "../gateway/index.ts";
import { createError } from "../i18n/error-messages.ts";
import { findModel } from "../llama-server/model-catalogue.ts";
import { openServer, type OpenServer } from "../llama-server/open-server.ts";
import { describeAsFailure } from "../llama-server/protocol.ts";
import { ServerLog } from "../llama-server/server-log.ts";
import { type DetachedGateway, detachedGatewaySchema } from "./detach-gateway.ts";
import { describeLogEvent } from "./gateway-log.ts";
import { newApiKey, openGateway } from "./open-gateway.ts";

const ending = new AbortController();
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => ending.abort());

const [message] = (await once(process, "message")) as unknown[];
const wanted = detachedGatewaySchema.parse(message);
const log = new ServerLog(wanted.logFile);
const write = (line: string) => log.writeLine(`${new Date().toISOString()} ${line}`);
const onLog = (event: GatewayLogEvent) => write(describeLogEvent(event));
process.on("uncaughtException", (error) => {
  write(error.stack ?? messageOf(error));
  process.exit(1);
});

try {
  await serve(wanted);
  process.exit(0);
} catch (error) {
  write(messageOf(error));
  const failure = GptOssError.isInstance(error) ? error : createError("serverError", [messageOf(error)]);
  // the command that started this process may have ended
  if (process.connected) process.send?.({ failure: describeAsFailure(failure) }, () => process.exit(1));
  else process.exit(1);
}

async function serve(settings: DetachedGateway): Promise<void> {
  const { program, cache, context, slots, rpc, host, port, corsOrigin, logPrompts, logFile } = settings;
  const environment = process.env;
  const { isInCatalogue, ...file } = settings.model;
  const model = { ...file, entry: isInCatalogue ? findModel(file.name) : undefined };
  const options = { program, model, cache, environment, contextSize: context, slots, rpc, idleSeconds: 0 };
  await using server = await openServer({ ...options, signal: ending.signal });
  const apiKey = settings.apiKey || newApiKey();
  const access = { host, port, apiKey, corsOrigin, logPrompts, detached: true, logFile };
  await using gateway = await openGateway({ ...access, server, model, onLog });
  if (process.connected) process.send?.({ url: gateway.url, apiKey });
  await untilEnd(server);
}

async function untilEnd(server: OpenServer): Promise<void> {
  const interrupted = once(ending.signal, "abort");
  if (!ending.signal.aborted) await Promise.race([server.ended, interrupted]);
}
