import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { ServerNotice } from "../../../src/llama-server/lease.ts";
import { liveServerProgram } from "../support/live-machine.ts";
import { runCli } from "../support/run-cli.ts";
import { ask, makeServerWorld, type ServerWorld } from "./support/world.ts";

let world: ServerWorld;
beforeEach(async () => {
  world = await makeServerWorld();
});
afterEach(async () => {
  await world.close();
});

/** Waits for a notice of a kind. */
async function noticed(notices: readonly ServerNotice[], kind: ServerNotice["kind"]): Promise<ServerNotice> {
  for (;;) {
    const found = notices.find((notice) => notice.kind === kind);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("a llama-server that is stopped from outside", () => {
  it("is reported, and works again when it is continued", async () => {
    const server = await world.open();
    const notices: ServerNotice[] = [];
    server.onNotice((notice) => notices.push(notice));
    process.kill(server.pid, "SIGSTOP");
    expect(await noticed(notices, "frozen")).toEqual({ kind: "frozen", pid: server.pid });
    const status = await runCli(["serve", "status", "--json"], { environment: { ...world.environment } });
    expect(JSON.parse(status.stdout)).toMatchObject({ servers: [{ state: "frozen", pid: server.pid }] });
    const { pid } = server;
    process.kill(pid, "SIGCONT");
    await noticed(notices, "restarted");
    expect(await ask(server, "Hello")).toContain("Hello!");
    expect(server.pid).toBe(pid);
    await server.stop();
  });

  it("lets no question hang: it is restarted after a while, and the question is answered", async () => {
    const server = await world.open({ idleSeconds: 5 });
    process.kill(server.pid, "SIGSTOP");
    const answer = await runCli(["ask", "--model", "demo", "--no-save", "Hello"], {
      environment: { ...world.environment },
    });
    expect(answer).toMatchObject({ status: 0, stdout: "Hello! How can I help you?\n" });
    expect(answer.stderr).toContain("kill -CONT");
    await server.stop();
  });

  it("while it loads its model, is reported and restarted, and the question is answered", async () => {
    const wrapper = join(world.runtime, "llama-server");
    const first = join(world.runtime, "first");
    const program = await liveServerProgram();
    // the first start stops itself before it has said a word
    await writeFile(
      wrapper,
      `#!/bin/sh
case "$*" in *--port*) [ -e '${first}' ] || { : > '${first}'; kill -STOP $$; } ;; esac
exec '${program}' "$@"
`,
    );
    await chmod(wrapper, 0o755);
    const answer = await runCli(["ask", "--model", "demo", "--no-save", "--llama-server", wrapper, "Hello"], {
      environment: { ...world.environment },
    });
    expect(answer).toMatchObject({ status: 0, stdout: "Hello! How can I help you?\n" });
    expect(answer.stderr).toContain("kill -CONT");
  });
});
