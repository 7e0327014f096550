import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Something that the server does, one after the other. */
export type Step =
  /** Writes a piece of raw harmony. */
  | { readonly content: string }
  /** Tells how far the prompt is read. */
  | { readonly processed: number; readonly total: number }
  /** Does nothing for so many milliseconds. */
  | { readonly wait: number }
  /** Ends the answer. */
  | { readonly finish: "stop" };

export interface ScriptedServer {
  readonly url: string;
  /** The bodies of the chat requests. */
  readonly requests: readonly unknown[];
  /** How many streams were left by their reader. */
  readonly left: number;
  stop(): Promise<void>;
}

/**
 * Stands in for a large model that takes its time: plays the steps for each request, the last of them without end.
 * The demo model would be through before anybody could interrupt it.
 */
export async function startScriptedServer(steps: readonly Step[]): Promise<ScriptedServer> {
  const requests: unknown[] = [];
  let left = 0;
  const server = createServer((request, response) => {
    if (request.method !== "POST") {
      response.writeHead(404).end();
      return;
    }
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      requests.push(JSON.parse(body));
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      response.on("close", () => {
        left++;
      });
      void (async () => {
        for (let index = 0; !response.destroyed; index++) {
          const step = steps[Math.min(index, steps.length - 1)];
          if (step === undefined) break;
          if ("finish" in step) {
            response.end(`data: ${JSON.stringify(chunkOf(step))}\n\ndata: [DONE]\n\n`);
            break;
          }
          if (!("wait" in step)) response.write(`data: ${JSON.stringify(chunkOf(step))}\n\n`);
          await new Promise((resolve) => setTimeout(resolve, "wait" in step ? step.wait : 20).unref());
        }
      })();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get left() {
      return left;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function chunkOf(step: Exclude<Step, { readonly wait: number }>): object {
  const chunk = { id: "1", object: "chat.completion.chunk" };
  if ("finish" in step) return { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: step.finish }] };
  if ("content" in step) return { ...chunk, choices: [{ index: 0, delta: { content: step.content } }] };
  const { processed, total } = step;
  return { ...chunk, choices: [], prompt_progress: { processed, total, cache: 0, time_ms: 1 } };
}
