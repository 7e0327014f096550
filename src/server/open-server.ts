import { join } from "node:path";
import { totalmem } from "node:os";
import type { Environment } from "../../setup/folders.ts";
import { packageFile } from "../../setup/package-folder.ts";
import type { ServerSettings } from "./arguments.ts";
import type { LocalModel } from "./choose-model.ts";
import { chooseCacheMebibytes, chooseContextSize } from "./context-size.ts";
import { type RunningServer, startServer } from "./start-server.ts";

/** For a file whose shape is not known: what gpt-oss-120b takes, the most of those that are. */
const UNKNOWN_MODEL = { cacheBytesPerToken: 36_864, trainedContext: 8_192 };

export interface OpenServerOptions {
  readonly program: string;
  readonly model: LocalModel;
  readonly cache: string;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  /** Tokens; by model and memory when left out. */
  readonly contextSize?: number | undefined;
  /** 0, the default, lets the system choose. */
  readonly port?: number | undefined;
  readonly verbosity?: number | undefined;
  readonly onLoading?: (fraction: number) => void;
}

export interface OpenServer extends RunningServer {
  /** Tokens of one conversation. */
  readonly contextSize: number;
}

/** Starts a server of our own for one conversation: raw harmony, our chat template, a context that fits this machine. */
export async function openServer(options: OpenServerOptions): Promise<OpenServer> {
  const { program, cache, environment, signal, onLoading } = options;
  const settings = chooseSettings(options);
  const logFile = join(cache, "logs", `server-${process.pid}.log`);
  const server = await startServer({
    program,
    settings,
    logFile,
    environment,
    signal,
    ...(onLoading && { onLoading }),
  });
  return { ...server, contextSize: settings.contextSize };
}

function chooseSettings({ model, contextSize, port, verbosity }: OpenServerOptions): ServerSettings {
  const totalMemory = totalmem();
  const shape = model.entry ?? UNKNOWN_MODEL;
  return {
    modelPath: model.path,
    alias: model.name,
    contextSize: contextSize ?? chooseContextSize({ ...shape, modelBytes: model.bytes, totalMemory }),
    slots: 1,
    mode: "raw",
    templatePath: packageFile("prompts/harmony.jinja"),
    port: port ?? 0,
    cacheMebibytes: chooseCacheMebibytes(totalMemory),
    verbosity,
  };
}
