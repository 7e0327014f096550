import { describe, expect, it } from "@jest/globals";
import { createError } from "../../src/i18n/error-messages.ts";
import { runCommandLine } from "../support/command-line.ts";
import { type ClientSettings, CLIENTS, LAUNCH_CLIENTS } from "../../src/cli/launch-clients.ts";

const KEY = "a-secret-key";
const CONNECTION = { url: "http://127.0.0.1:4000", apiKey: KEY, model: "gpt-oss-20b", contextSize: 65_536 };
const texts = ({ arguments: words }: ClientSettings) =>
  words.map((word) => (typeof word === "string" ? word : word.text)).join("\n");
const onCommandLine = ({ arguments: words }: ClientSettings) => words.filter((word) => typeof word === "string");

describe.each(LAUNCH_CLIENTS)("the settings of %s", (name) => {
  const settings = CLIENTS[name].settings(CONNECTION);
  const all = texts(settings) + JSON.stringify(settings.environment);

  it("name the address, the model and its context, and wait for an hour", () => {
    expect(all).toContain(CONNECTION.url);
    expect(all).toContain(CONNECTION.model);
    expect(all).toContain(String(CONNECTION.contextSize));
    expect(all).toContain("3600000");
  });

  it("hand over the key, but never on a command line", () => {
    expect(Object.values(settings.environment)).toContain(KEY);
    expect(onCommandLine(settings).join(" ")).not.toContain(KEY);
  });

  it("start with room for the first prompt", () => {
    const { firstPromptTokens, context } = CLIENTS[name];
    expect(context.smallest).toBeGreaterThan(1.5 * firstPromptTokens);
    expect(context.comfortable).toBeGreaterThan(context.smallest);
  });
});

it("names the command that installs a client that is missing", async () => {
  const error = await runCommandLine(["launch", "codex"], { environment: { PATH: "/nowhere" } });
  expect(error.status).toBe(3);
  expect(error.stderr).toContain("npm install --global @openai/codex");
  expect(createError("clientMissing", ["Codex", "@openai/codex"])).toMatchObject({ code: "client-missing" });
});

it("writes Codex's options as TOML, even for a model with an odd name", () => {
  const words = onCommandLine(CLIENTS.codex.settings({ ...CONNECTION, model: 'my "own" model' }));
  expect(words).toContain('model="my \\"own\\" model"');
  expect(words.filter((word) => word !== "-c").every((word) => /^[\w.-]+=\S/.test(word))).toBe(true);
});

it("lets Codex and opencode read the key from a variable", () => {
  for (const name of ["codex", "opencode"] as const) {
    expect(CLIENTS[name].settings(CONNECTION).environment).toMatchObject({ GPT_OSS_LAUNCH_KEY: KEY });
  }
});

it("keeps Anthropic's own key away from this server", () => {
  const { unset, environment } = CLIENTS.claude.settings(CONNECTION);
  expect(unset).toContain("ANTHROPIC_API_KEY");
  expect(environment).not.toHaveProperty("ANTHROPIC_API_KEY");
  expect(JSON.parse(texts(CLIENTS.claude.settings(CONNECTION)).split("\n")[1] ?? "")).toMatchObject({
    env: { ANTHROPIC_API_KEY: "", ANTHROPIC_BASE_URL: CONNECTION.url },
  });
});
