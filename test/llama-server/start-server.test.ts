import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, describe } from "@jest/globals";
import { startServer, serverArguments } from "../../src/llama-server/start-server.ts";

const LOADING = 'cmd_child_to_router:{"state":"loading","value":0.5}';
/** Says on standard error that it listens, and only later on standard output how far it has loaded. */
const PROGRAM = `#!${process.execPath}
console.log('${LOADING}');
setTimeout(() => console.error("main: listening on http://127.0.0.1:1234"), 100);
setTimeout(() => console.log('${LOADING.replace("0.5", "1.0")}'), 200);
setTimeout(() => console.error("done"), 300);
process.stdin.on("end", () => process.exit(0)).resume();
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-start-server-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it("reports no loading after the server is ready", async () => {
  const program = join(folder, "llama-server");
  await writeFile(program, PROGRAM);
  await chmod(program, 0o755);
  const states: (number | "ready")[] = [];
  const server = await startServer({
    program,
    settings: {
      modelPath: join(folder, "model.gguf"),
      alias: "demo",
      host: "127.0.0.1",
      port: 0,
      contextSize: 1024,
      slots: 1,
      threads: 1,
    },
    logFile: join(folder, "server.log"),
    environment: process.env,
    onLoading: (fraction) => states.push(fraction),
  });
  states.push("ready");
  while (!server.logTail().includes("done")) await sleep(20);
  await sleep(50);
  await server.stop();
  expect(states).toEqual([0.5, "ready"]);
});

const settings = { modelPath: "/m.gguf", alias: "m", contextSize: 8_192, slots: 1, port: 0 } as const;

describe("serverArguments", () => {
  it("listens on loopback and always names slots and context together", () => {
    expect(serverArguments(settings).join(" ")).toBe(
      "--model /m.gguf --alias m --host 127.0.0.1 --port 0 --parallel 1 --ctx-size 8192 --skip-chat-parsing --offline",
    );
  });

  it("listens elsewhere and hands out layers when asked to", () => {
    const all = serverArguments({ ...settings, host: "0.0.0.0", port: 8_080, rpc: "10.0.0.2:50052,10.0.0.3:50052" });
    expect(all.slice(0, 2)).toEqual(["--rpc", "10.0.0.2:50052,10.0.0.3:50052"]);
    expect(all.join(" ")).toContain("--host 0.0.0.0 --port 8080");
  });

  it("names its template, its memory and its batches when they are given", () => {
    const all = serverArguments({ ...settings, templatePath: "/t.jinja", cacheMebibytes: 256, verbosity: 4 }).join(" ");
    expect(all).toContain("--chat-template-file /t.jinja --cache-ram 256 --log-verbosity 4");
    const batches = (batchSize: number) => serverArguments({ ...settings, batchSize }).join(" ");
    expect(batches(128)).toContain("--batch-size 128 --ubatch-size 128");
    expect(batches(1_024)).toContain("--batch-size 1024 --ubatch-size 512");
  });
});
