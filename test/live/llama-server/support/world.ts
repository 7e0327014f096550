import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseModel } from "../../../../src/llama-server/installed-models.ts";
import { askStatus, stopServers } from "../../../../src/llama-server/supervisor-client.ts";
import { openServer, type OpenServer, type OpenServerOptions } from "../../../../src/llama-server/open-server.ts";
import { liveCache, liveServerProgram } from "../../support/live-machine.ts";
import { gone, isRunning } from "../../support/supervised.ts";

/** A runtime folder of a test's own, with everything that was started in it. */
export interface ServerWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly runtime: string;
  open(options?: Partial<OpenServerOptions>): Promise<OpenServer>;
  status(): ReturnType<typeof askStatus>;
  /** Throws when none runs. */
  supervisorPid(): Promise<number>;
  /** Waits until no process of this world is left. @returns those that are, after ten seconds */
  leftovers(): Promise<readonly string[]>;
  /** Throws when a process was left behind. */
  close(): Promise<void>;
}

export async function makeServerWorld(): Promise<ServerWorld> {
  const runtime = await mkdtemp(join(tmpdir(), "gpt-oss-server-"));
  const environment = { ...process.env, GPT_OSS_RUNTIME: runtime };
  const where = { cache: liveCache(), environment };
  const program = await liveServerProgram();
  const model = await chooseModel({ wanted: "demo", ...where });
  const seen = new Set<number>();
  const status = async () => {
    const reply = await askStatus(where);
    for (const pid of reply === undefined ? [] : [reply.pid, ...childrenOf(reply.pid)]) seen.add(pid);
    return reply;
  };
  const leftovers = async () => {
    await Promise.all([...seen].map(gone));
    return [...seen].filter(isRunning).map(String);
  };
  return {
    environment,
    runtime,
    status,
    async supervisorPid() {
      const reply = await status();
      if (reply === undefined) throw new Error("no supervisor runs");
      return reply.pid;
    },
    open: async (options) => {
      const server = await openServer({ program, model, ...where, idleSeconds: 0, ...options });
      await status();
      return server;
    },
    leftovers,
    async close() {
      await stopServers(where);
      await rm(runtime, { recursive: true, force: true });
      const left = await leftovers();
      if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
    },
  };
}

export function childrenOf(parent: number): readonly number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "ppid=,pid="], { encoding: "utf8" });
  const pairs = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([ppid, pid]) => (ppid === parent && pid !== undefined ? [pid] : []));
}

/** Waits until the server works at a request. */
export async function untilBusy({ url, apiKey }: Pick<OpenServer, "url" | "apiKey">): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/slots`, {
      headers: { authorization: `Bearer ${apiKey}`, connection: "close" },
    });
    if (/"is_processing":\s*true/.test(await response.text())) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Asks the model one thing, streaming; `onText` sees the answer as it comes. @returns the raw text */
export async function ask(
  { url, apiKey }: Pick<OpenServer, "url" | "apiKey">,
  question: string,
  onText: (text: string) => void = () => undefined,
): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", connection: "close" },
    body: JSON.stringify({
      messages: [{ role: "user", content: question }],
      stream: true,
      temperature: 0,
      reasoning_effort: "low",
      max_tokens: 600,
    }),
  });
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status} ${await response.text()}`);
  let text = "";
  let done = false;
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    done ||= chunk.includes("[DONE]");
    for (const [, piece] of chunk.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)) {
      text += JSON.parse(piece ?? '""') as string;
      onText(text);
    }
  }
  // with `connection: close` the end of a killed server's stream looks like any other end
  if (!done) throw new Error("the stream ended before the answer");
  return text;
}
