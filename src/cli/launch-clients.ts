/** Where a client finds the model. */
export interface ClientConnection {
  /** Without a path: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly apiKey: string;
  readonly model: string;
  /** Tokens of one conversation. */
  readonly contextSize: number;
}

/** A word of a client's command line, or a file of settings whose path is one. */
export type ClientArgument = string | { readonly file: string; readonly text: string };

/** What a client is started with. Its own files of settings are not changed. */
export interface ClientSettings {
  /** Before the words of the user. */
  readonly arguments: readonly ClientArgument[];
  readonly environment: Readonly<Record<string, string>>;
  /** Variables of the user that would lead the client elsewhere or hand their keys to this server. */
  readonly unset: readonly string[];
}

/** A program that `gpt-oss launch` knows. */
export interface LaunchClient {
  /** For people. */
  readonly title: string;
  readonly program: string;
  readonly npmPackage: string;
  /** Tokens of its first prompt, counted by the tokenizer of gpt-oss (docs/server.md). */
  readonly firstPromptTokens: number;
  /** The context that is started for it if memory allows. */
  readonly context: { readonly smallest: number; readonly comfortable: number };
  readonly settings: (connection: ClientConnection) => ClientSettings;
}

export const LAUNCH_CLIENTS = ["codex", "claude", "opencode"] as const;
export type LaunchClientName = (typeof LAUNCH_CLIENTS)[number];

/** A slow machine may read a prompt for most of an hour. The clients' own limits are five minutes. */
const PATIENCE_MS = 3_600_000;
const PROVIDER = "gpt-oss";
/** Codex and opencode read the key from this variable, so that no command line contains it. */
const KEY_VARIABLE = "GPT_OSS_LAUNCH_KEY";

/** Codex asks by Responses. Options on its command line win over its config.toml. */
function codexSettings({ url, apiKey, model, contextSize }: ClientConnection): ClientSettings {
  const provider = {
    name: PROVIDER,
    base_url: `${url}/v1`,
    env_key: KEY_VARIABLE,
    wire_api: "responses",
    stream_idle_timeout_ms: PATIENCE_MS,
    stream_max_retries: 2,
  };
  const options = {
    model,
    model_provider: PROVIDER,
    [`model_providers.${PROVIDER}`]: provider,
    model_context_window: contextSize,
    model_auto_compact_token_limit: Math.floor(contextSize * 0.8),
    web_search: "disabled",
    check_for_update_on_startup: false,
    "analytics.enabled": false,
  };
  return {
    arguments: Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${toToml(value)}`]),
    environment: { [KEY_VARIABLE]: apiKey },
    unset: [],
  };
}

/** JSON writes texts, numbers and booleans as TOML does. */
function toToml(value: string | number | boolean | Readonly<Record<string, string | number>>): string {
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, inner]) => `${name}=${JSON.stringify(inner)}`)
    .join(",")}}`;
}

/** Claude Code asks by Messages. A file that --settings names wins over the user's own settings. */
function claudeSettings({ url, apiKey, model, contextSize }: ClientConnection): ClientSettings {
  const environment = {
    ANTHROPIC_BASE_URL: url,
    // it asks before it uses a key from ANTHROPIC_API_KEY
    ANTHROPIC_AUTH_TOKEN: apiKey,
    ANTHROPIC_MODEL: model,
    ANTHROPIC_SMALL_FAST_MODEL: model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
    ANTHROPIC_DEFAULT_SONNET_MODEL: model,
    ANTHROPIC_DEFAULT_OPUS_MODEL: model,
    CLAUDE_CODE_SUBAGENT_MODEL: model,
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(contextSize),
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(Math.min(32_000, Math.floor(contextSize / 4))),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    // a header inside of the prompt that changes with each version
    CLAUDE_CODE_ATTRIBUTION_HEADER: "0",
    CLAUDE_STREAM_IDLE_TIMEOUT_MS: String(PATIENCE_MS),
    API_TIMEOUT_MS: String(PATIENCE_MS),
  };
  const own = { env: { ...environment, ANTHROPIC_API_KEY: "" } };
  return {
    arguments: ["--settings", { file: "settings.json", text: JSON.stringify(own) }],
    environment,
    unset: [
      "ANTHROPIC_API_KEY",
      "ANTHROPIC_CUSTOM_HEADERS",
      "CLAUDE_CODE_OAUTH_TOKEN",
      "CLAUDE_CODE_USE_BEDROCK",
      "CLAUDE_CODE_USE_FOUNDRY",
      "CLAUDE_CODE_USE_VERTEX",
    ],
  };
}

/** opencode asks by Chat Completions. The settings in OPENCODE_CONFIG_CONTENT win over its files. */
function opencodeSettings({ url, apiKey, model, contextSize }: ClientConnection): ClientSettings {
  const name = `${PROVIDER}/${model}`;
  const content = {
    model: name,
    small_model: name,
    enabled_providers: [PROVIDER],
    autoupdate: false,
    share: "disabled",
    provider: {
      [PROVIDER]: {
        name: PROVIDER,
        npm: "@ai-sdk/openai-compatible",
        options: {
          baseURL: `${url}/v1`,
          apiKey: `{env:${KEY_VARIABLE}}`,
          timeout: false,
          headerTimeout: false,
          chunkTimeout: PATIENCE_MS,
        },
        models: {
          [model]: {
            name: model,
            reasoning: true,
            tool_call: true,
            limit: { context: contextSize, output: Math.min(32_000, Math.floor(contextSize / 4)) },
          },
        },
      },
    },
  };
  return {
    arguments: [],
    environment: {
      [KEY_VARIABLE]: apiKey,
      OPENCODE_CONFIG_CONTENT: JSON.stringify(content),
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
    },
    unset: [],
  };
}

export const CLIENTS: Readonly<Record<LaunchClientName, LaunchClient>> = {
  codex: {
    title: "Codex",
    program: "codex",
    npmPackage: "@openai/codex",
    firstPromptTokens: 4_800,
    context: { smallest: 16_384, comfortable: 65_536 },
    settings: codexSettings,
  },
  claude: {
    title: "Claude Code",
    program: "claude",
    npmPackage: "@anthropic-ai/claude-code",
    firstPromptTokens: 14_200,
    context: { smallest: 24_576, comfortable: 131_072 },
    settings: claudeSettings,
  },
  opencode: {
    title: "opencode",
    program: "opencode",
    npmPackage: "opencode-ai",
    firstPromptTokens: 6_700,
    context: { smallest: 16_384, comfortable: 65_536 },
    settings: opencodeSettings,
  },
};
