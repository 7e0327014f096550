import type { Hono } from "hono";
import { createGateway, type GatewayLogEvent, type GatewayOptions } from "../../../src/gateway/index.ts";
import { type ScriptedSource, scriptedSource, type Step } from "./scripted-source.ts";

export interface TestGateway {
  readonly app: Hono;
  readonly source: ScriptedSource;
  readonly log: readonly GatewayLogEvent[];
  /** Sends a JSON body; gives the status and the reply. */
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<JsonReply>;
  /** Sends a JSON body with `stream: true`; gives the events. */
  readonly stream: (path: string, body: object, headers?: Record<string, string>) => Promise<Json[]>;
}

export interface JsonReply {
  readonly status: number;
  readonly json: Json;
}

/** JSON as tests look at it. */
export type Json = { readonly [field: string]: Json } & readonly Json[] & { readonly length: number };

export function testGateway(answers: readonly (readonly Step[])[], options: Partial<GatewayOptions> = {}): TestGateway {
  const source = scriptedSource(...answers);
  const log: GatewayLogEvent[] = [];
  const app = createGateway({
    source,
    model: { name: "gpt-oss-20b" },
    onLog: (event) => log.push(event),
    today: () => "2026-12-01",
    ...options,
  });
  const request = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    await app.request(`http://127.0.0.1${path}`, {
      method: "POST",
      headers: { host: "127.0.0.1", "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return {
    app,
    source,
    log,
    post: async (path, body, headers) => {
      const response = await request(path, body, headers);
      return { status: response.status, json: (await response.json()) as Json };
    },
    stream: async (path, body, headers) => {
      const response = await request(path, { ...body, stream: true }, headers);
      return readEvents(await response.text());
    },
  };
}

/** The data of a stream's events. */
export function readEvents(text: string): Json[] {
  return text
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => {
      const [, name, data = ""] = /^(?:event: (.*)\n)?data: ([^\n]*)$/.exec(event) ?? [];
      if (data === "[DONE]") return "[DONE]" as unknown as Json;
      const json = JSON.parse(data) as Json;
      // the name of an event and its type are the same
      if (name !== undefined && String(json["type"]) !== name)
        throw new Error(`${name} is not ${String(json["type"])}`);
      return json;
    });
}
