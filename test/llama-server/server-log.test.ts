import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { localize } from "../../src/i18n/error-messages.ts";
import { ServerLog, failureReason } from "../../src/llama-server/server-log.ts";

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

  it("continues without a file where none can be written", () => {
    const log = new ServerLog("/dev/null/server.log");
    log.writeLine("heard all the same");
    log.close();
    expect(log.tail).toBe("heard all the same\n");
  });
});

describe("failureReason", () => {
  it.each([
    [
      "0.0 E gguf_init_from_file: failed to open GGUF file '/m/x.gguf' (No such file or directory)",
      "the file /m/x.gguf can't be opened",
    ],
    ["0.0 E gguf_init_from_reader: invalid magic characters: 'gZ??', expected 'GGUF'", "the file is not a GGUF model"],
    ["0.1 E gguf_init_from_reader: failed to read magic", "the file is not a GGUF model"],
    [
      "0.1 E llama_model_load: error loading model: tensor 'blk.1.x.weight' data is not within the file bounds, model is corrupted",
      "the file is damaged or incomplete",
    ],
    ["0.1 E gguf_init_from_reader: failed to read key-value pairs", "the file is damaged or incomplete"],
    [
      "error: invalid argument: --rpc",
      "this llama-server was built without rpc (build one with: gpt-oss setup --with-rpc)",
    ],
    [
      `error while handling argument "--chat-template-file": error: failed to open file '/t.jinja'`,
      "the file /t.jinja can't be opened",
    ],
    ["error: the supplied chat template is not supported: {{ broken", "the chat template can't be read"],
    [
      "E llama_model_load: error loading model: unknown model architecture: 'foo'",
      "llama.cpp does not support the architecture foo",
    ],
    ["0.0 E srv  start: couldn't bind HTTP server socket, hostname: 127.0.0.1, port: 80", "the port is in use"],
    [
      "1.1 E llama_init_from_model: failed to initialize the context: std::bad_alloc",
      "there is not enough memory for the model and its context",
    ],
    [
      "/l/ggml/src/ggml-rpc/ggml-rpc.cpp:547: Failed to connect to 10.0.0.2:50052",
      "no rpc-server answers at 10.0.0.2:50052",
    ],
    [
      "ggml-rpc.cpp:35: Remote RPC server crashed or returned malformed response",
      "an rpc-server stopped or is from another llama.cpp release",
    ],
    ["ggml-rpc.cpp:550: RPC handshake failed for 10.0.0.2:50052", "an rpc-server is from another llama.cpp release"],
    ["error: invalid argument: --nonsense", "this llama-server does not know --nonsense"],
    ["0.1 E llama_model_load: error loading model: missing tensor 'output.weight'", "missing tensor 'output.weight'"],
    ["0.1 E srv  x: something new went wrong", "something new went wrong"],
  ])("finds it in the log: %s", (line, reason) => {
    expect(localize("en", failureReason(`0.0 I srv: before\n${line}\n0.2 I srv: after\n`) ?? "none")).toBe(reason);
  });

  it("finds none where there is none", () => {
    expect(failureReason("0.0 I srv: all is well\n")).toBeUndefined();
  });
});
