import { Hono } from "hono";
import type { GatewayOptions } from "./gateway-options.ts";
import { GatewayStatistics } from "./statistics.ts";

/** The HTTP APIs of a model: Chat Completions, Responses, Messages, Models and Embeddings. */
export function createGateway(_options: GatewayOptions, statistics = new GatewayStatistics()): Hono {
  const app = new Hono();
  app.get("/health", (context) => context.json({ status: "ok" }));
  app.get("/status", (context) => context.json(statistics.status));
  return app;
}
