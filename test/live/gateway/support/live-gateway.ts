import { type RunningGateway, startGateway } from "../../../../src/gateway/index.ts";
import { KnownServer } from "../../../../src/inference/capabilities.ts";
import { InferenceClient } from "../../../../src/inference/client.ts";
import { type LiveServer, startLiveServer } from "../../support/live-server.ts";

export const PATHS = ["/v1/chat/completions", "/v1/responses", "/v1/messages"] as const;
export type Path = (typeof PATHS)[number];

export interface LiveGateway {
  readonly server: LiveServer;
  readonly gateway: RunningGateway;
  stop(): Promise<void>;
}

/** A gateway in this process, in front of a real llama-server with the demo model. */
export async function startLiveGateway(options: {
  readonly contextSize: number;
  readonly slots?: number;
}): Promise<LiveGateway> {
  const server = await startLiveServer(options);
  const { baseUrl, apiKey } = server;
  const { contextSize } = options;
  const knownServer = new KnownServer({ mode: "raw", isLlamaServer: true, hasOwnTemplate: true, contextSize });
  const source = new InferenceClient({ baseUrl: `${baseUrl}/v1`, apiKey, knownServer });
  const gateway = await startGateway({ source, model: { name: "demo" } });
  const stop = async () => {
    await gateway.close();
    await server.stop();
  };
  return { server, gateway, stop };
}

export interface RequestFields {
  readonly messages: readonly object[];
  /** The one tool that is offered. */
  readonly tool?: { readonly name: string; readonly schema: unknown } | undefined;
  readonly maxTokens?: number;
}

/** The same request in the form of an API. */
export function requestBody(path: Path, { messages, tool, maxTokens = 32_000 }: RequestFields): object {
  switch (path) {
    case "/v1/chat/completions": {
      const tools = tool && [{ type: "function", function: { name: tool.name, parameters: tool.schema } }];
      return { messages, max_tokens: maxTokens, ...(tools && { tools }) };
    }
    case "/v1/responses": {
      const tools = tool && [{ type: "function", name: tool.name, parameters: tool.schema }];
      return { input: messages, max_output_tokens: maxTokens, ...(tools && { tools }) };
    }
    case "/v1/messages":
    default: {
      const tools = tool && [{ name: tool.name, input_schema: tool.schema }];
      return { messages, max_tokens: maxTokens, ...(tools && { tools }) };
    }
  }
}
