import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { JAPANESE } from "../support/cli-environment.ts";
import { runCli } from "../support/run-cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-config-command-"));
  writeFileSync(join(folder, "config.yaml"), "effort: high\n");
  writeFileSync(join(folder, ".env"), "GPT_OSS_CONTEXT=4096\nOPENAI_API_KEY=secret\n");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const environment = () => ({ GPT_OSS_CONFIG: join(folder, "config.yaml"), GPT_OSS_MODEL: "demo" });

describe("config", () => {
  it("shows each value and where it comes from, and no key", async () => {
    const { stdout, status } = await runCli(["config"], { folder, environment: environment() });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^model +demo +GPT_OSS_MODEL$/m);
    expect(stdout).toMatch(/^effort +high +effort in .*config\.yaml:1$/m);
    expect(stdout).toMatch(/^context +4096 +GPT_OSS_CONTEXT in .*\.env$/m);
    expect(stdout).toMatch(/^api-key +\(set\) +OPENAI_API_KEY in /m);
    expect(stdout).toMatch(/^port +-$/m);
    expect(stdout).not.toContain("secret");
  });

  it("says in Japanese where a value stands, where the locale is Japanese", async () => {
    const { stdout, stderr } = await runCli(["config"], { folder, environment: { ...environment(), ...JAPANESE } });
    expect(stdout).toMatch(/^context +4096 +.*\.env の GPT_OSS_CONTEXT$/m);
    expect(stdout).toMatch(/^api-key +\(設定済み\) {2}\S/m);
    // two cells a character: the value that is widest decides where the origins begin
    expect(stdout).toMatch(/^model {9}demo {8}GPT_OSS_MODEL$/m);
    expect(stderr).toMatch(/^\n優先順位: フラグ、環境変数、\.env、/);
  });

  it("does so in JSON", async () => {
    const { stdout } = await runCli(["config", "--json"], { folder, environment: environment() });
    expect(JSON.parse(stdout)).toMatchObject({
      effort: { value: "high" },
      model: { value: "demo", origin: "GPT_OSS_MODEL" },
    });
  });
});

describe("completion", () => {
  it.each(["bash", "zsh", "fish"])("prints a script for %s", async (shell) => {
    const { stdout, status } = await runCli(["completion", shell]);
    expect(status).toBe(0);
    expect(stdout).toContain("gpt-oss");
  });

  it("offers commands, options and values", async () => {
    const offers = async (...words: string[]) => (await runCli(["complete", "--", ...words])).stdout;
    expect(await offers("")).toMatch(/^chat\t/m);
    expect(await offers("chat", "--eff")).toContain("--effort");
    expect(await offers("chat", "--effort", "")).toMatch(/^medium/m);
  });
});
