import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { llamaFolders, packageFile } from "../../../src/platform/folders.ts";
import { LLAMA_CPP } from "../../../src/llama-server/llama-cpp-version.ts";
import { startServer } from "../../../src/llama-server/start-server.ts";
import { wrapServerProgram } from "../../support/server-program.ts";
import { liveCache, liveServerProgram } from "./live-machine.ts";

export interface LiveServerOptions {
  /** The path of a model file; the demo model by default. */
  readonly model?: string;
  /** llama-server's own parser splits the channels; raw harmony by default. */
  readonly parsed?: boolean;
  /** "model" for the one inside the demo model, or a path; prompts/harmony.jinja by default. */
  readonly template?: string;
  /** Tokens; 8,192 by default. */
  readonly contextSize?: number;
  /** 1 by default. */
  readonly slots?: number;
  /** Offers embeddings too. */
  readonly embeddings?: boolean;
}

export interface LiveServer {
  /** Without a path. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly pid: number;
  /** What the server has written so far. */
  readonly logFile: string;
  /** The checkout of llama.cpp that setup has fetched. */
  readonly sourceFolder: string;
  /** POSTs JSON and gives the reply's JSON; throws for anything but 200. */
  post(path: string, body: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** A real llama-server with the demo model, for one test file. */
export async function startLiveServer({
  model = packageFile("setup/demo-model/demo.gguf"),
  parsed = false,
  template,
  contextSize = 8_192,
  slots = 1,
  embeddings = false,
}: LiveServerOptions = {}): Promise<LiveServer> {
  const folder = await mkdtemp(join(tmpdir(), "gpt-oss-live-"));
  const program = await liveServerProgram();
  const server = await startServer({
    program: parsed || embeddings ? await wrapServerProgram(program, { folder, parsed, embeddings }) : program,
    settings: {
      modelPath: model,
      alias: "demo",
      contextSize,
      slots,
      threads: 1,
      templatePath: template === "model" ? undefined : (template ?? packageFile("prompts/harmony.jinja")),
      port: 0,
    },
    logFile: join(folder, "server.log"),
    environment: process.env,
  });
  return {
    baseUrl: server.url,
    apiKey: server.apiKey,
    pid: server.pid,
    logFile: server.logFile,
    sourceFolder: llamaFolders(liveCache(), LLAMA_CPP.tag, "cpu").source,
    async post(path, body) {
      const response = await fetch(server.url + path, {
        method: "POST",
        headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json", connection: "close" },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
      return JSON.parse(text) as unknown;
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
