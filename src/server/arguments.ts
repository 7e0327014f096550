/** What a llama-server is started with. */
export interface ServerSettings {
  /** Absolute path of the GGUF (of the first shard where there are several). */
  readonly modelPath: string;
  /** Name under which clients ask for it. */
  readonly alias: string;
  /** Tokens of all slots together. */
  readonly contextSize: number;
  /** Conversations at once; each has `contextSize / slots` tokens. */
  readonly slots: number;
  /** Raw harmony text, or channels split by llama-server's own parser. */
  readonly mode: "raw" | "parsed";
  /** Chat template file; undefined for the one inside the model. */
  readonly templatePath?: string | undefined;
  /** Address to listen on; loopback by default. */
  readonly host?: string | undefined;
  /** 0 lets the system choose a free one. */
  readonly port: number;
  /** Threads of the CPU; by llama.cpp's own choice when left out. */
  readonly threads?: number | undefined;
  /** MiB of host memory for prompts that left their slot. */
  readonly cacheMebibytes?: number | undefined;
  /** llama.cpp's verbosity; 4 shows which layers are on the GPU, 3 is its default. */
  readonly verbosity?: number | undefined;
  /** rpc-servers that take layers, `host:port,host:port`. */
  readonly rpc?: string | undefined;
  /** Environment variables that choose its devices and libraries. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

export const LOOPBACK = "127.0.0.1";

/**
 * The command line of llama-server. The API key is not on it: command lines are visible to every user of a machine.
 * Slots and context always go together, since without `-np` the server multiplies the context by four.
 */
export function serverArguments(settings: ServerSettings): readonly string[] {
  return [
    // first: what follows may name the devices that it adds
    ...(settings.rpc === undefined ? [] : ["--rpc", settings.rpc]),
    "--model",
    settings.modelPath,
    "--alias",
    settings.alias,
    "--host",
    settings.host ?? LOOPBACK,
    "--port",
    String(settings.port),
    "--parallel",
    String(settings.slots),
    "--ctx-size",
    String(settings.contextSize),
    ...(settings.mode === "raw" ? ["--skip-chat-parsing"] : []),
    ...(settings.templatePath === undefined ? [] : ["--chat-template-file", settings.templatePath]),
    ...(settings.threads === undefined ? [] : ["--threads", String(settings.threads)]),
    ...(settings.cacheMebibytes === undefined ? [] : ["--cache-ram", String(settings.cacheMebibytes)]),
    ...(settings.verbosity === undefined ? [] : ["--log-verbosity", String(settings.verbosity)]),
    "--offline",
  ];
}
