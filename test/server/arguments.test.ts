import { describe, expect, it } from "@jest/globals";
import { serverArguments } from "../../src/server/arguments.ts";

const settings = { modelPath: "/m.gguf", alias: "m", contextSize: 8_192, slots: 1, mode: "raw", port: 0 } as const;

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

  it("leaves the parsing to the server only when asked to", () => {
    expect(serverArguments({ ...settings, mode: "parsed" })).not.toContain("--skip-chat-parsing");
    const all = serverArguments({ ...settings, templatePath: "/t.jinja", cacheMebibytes: 256, verbosity: 4 }).join(" ");
    expect(all).toContain("--chat-template-file /t.jinja --cache-ram 256 --log-verbosity 4");
  });
});
