import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { startServer } from "../../src/server/start-server.ts";

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
      mode: "raw",
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
