import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ServerLog } from "../../src/server/server-log.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-log-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("ServerLog", () => {
  it("keeps the log before as FILE.1, and the end in memory", () => {
    const path = join(folder, "logs", "server.log");
    const first = new ServerLog(path);
    first.writeLine("first");
    first.close();
    const second = new ServerLog(path);
    second.writeLine("second");
    second.close();
    expect(readFileSync(path, "utf8")).toBe("second\n");
    expect(readFileSync(`${path}.1`, "utf8")).toBe("first\n");
    expect(second.tail).toBe("second\n");
  });

  it("begins a new file before one grows without end", () => {
    const path = join(folder, "server.log");
    const log = new ServerLog(path);
    for (let line = 0; line < 40; line++) log.writeLine(`${line} ${"x".repeat(2 ** 20)}`);
    log.close();
    expect(readFileSync(path).length).toBeLessThan(18 * 2 ** 20);
    expect(readFileSync(path, "utf8").endsWith("x\n")).toBe(true);
    expect(log.tail.length).toBeLessThanOrEqual(2 ** 16);
  });

  it("has in memory exactly the end of what was written, at every moment", () => {
    const log = new ServerLog("/dev/null/server.log");
    let whole = "";
    const wrong: number[] = [];
    for (let line = 0; line < 3_000; line++) {
      const text = `${line} ${"x".repeat((line * 37) % 200)}`;
      log.writeLine(text);
      whole += `${text}\n`;
      if (line % 97 === 0 && log.tail !== whole.slice(-(2 ** 16))) wrong.push(line);
    }
    expect(wrong).toEqual([]);
    expect(log.tail).toBe(whole.slice(-(2 ** 16)));
  });

  it("goes on without a file where none can be", () => {
    const log = new ServerLog("/dev/null/server.log");
    log.writeLine("heard all the same");
    log.close();
    expect(log.tail).toBe("heard all the same\n");
  });
});
