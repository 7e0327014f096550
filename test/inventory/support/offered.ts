import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as chains from "../../../chains/index.ts";
import { helpIn } from "../../../src/cli/interface-language.ts";
import * as library from "../../../src/index.ts";
import { commandsOf, programFor } from "../../cli/support/program.ts";
import { runCommandLine, typeCommandLine } from "../../support/command-line.ts";
import { startModelServer } from "../../wire/support/model-server.ts";
import type { SourceFile } from "./source-files.ts";

/** A flag, and the command that takes it. */
export interface OfferedFlag {
  /** The last word of the command's name. */
  readonly command: string;
  /** `gpt-oss sessions list`. */
  readonly path: string;
  /** `--json` */
  readonly flag: string;
}

/** Every flag of every command, as the command line itself declares them. */
export async function flags(): Promise<readonly OfferedFlag[]> {
  const program = await programFor(await helpIn("en"));
  return commandsOf(program).flatMap((command) =>
    command.options.flatMap(({ long }) =>
      long
        ? [
            {
              command: command.name(),
              path: command
                .createHelp()
                .commandUsage(command)
                .replace(/ [[<].*/, ""),
              flag: long,
            },
          ]
        : [],
    ),
  );
}

/** What `/help` of a chat lists. */
export async function slashCommands(): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "gpt-oss-inventory-"));
  try {
    await using server = await startModelServer();
    const environment = { OPENAI_BASE_URL: server.baseUrl, GPT_OSS_DATA: folder, GPT_OSS_CONFIG: join(folder, "none") };
    const chat = typeCommandLine(["chat"], { environment, folder });
    await chat.expect(/You: /);
    chat.type("/help\r");
    const text = await chat.expect(/[^]*You: /);
    chat.type("exit\r");
    await chat.result;
    return [...new Set(Array.from(text.matchAll(/^ *\/([a-z]+)/gm), ([, name = ""]) => name))];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What config.yaml may say: the names that `gpt-oss config` shows. */
export async function settings(): Promise<readonly string[]> {
  const environment = { GPT_OSS_CONFIG: "/nowhere/config.yaml" };
  const { stdout } = await runCommandLine(["config", "--json"], { environment, folder: "/" });
  return Object.keys(JSON.parse(stdout) as object);
}

/** The values that the package's two entries export. */
export function publicExports(): readonly string[] {
  return [...Object.keys(library), ...Object.keys(chains)];
}

/** Names of variables that the program's source looks up, wherever it does. */
export function variables(source: readonly SourceFile[]): readonly string[] {
  const lookups = /\b(?:environment|env)(?:\.|\[")([A-Z][A-Z0-9_]+)\b/g;
  const named = /"((?:GPT_OSS|HF|OPENAI|LANGSMITH|LANGCHAIN)_[A-Z0-9_]+)"/g;
  const found = source.flatMap(({ text }) =>
    [lookups, named].flatMap((pattern) => Array.from(text.matchAll(pattern), ([, name = ""]) => name)),
  );
  return [...new Set(found)].toSorted();
}

/** The exit statuses, by the tables of the program's source: what went wrong, and which signal came. */
export function exitStatuses(source: readonly SourceFile[]): readonly number[] {
  const tables = source.flatMap(({ text }) =>
    Array.from(text.matchAll(/STATUS\b[^={]*=\s*\{([^}]*)\}/g), ([, rows = ""]) => rows),
  );
  const numbers = tables.flatMap((rows) => Array.from(rows.matchAll(/:\s*(\d+)/g), ([, number]) => Number(number)));
  return [...new Set([0, ...numbers])].toSorted((one, other) => one - other);
}

/** What a failure can be, by the same table. */
export function errorCodes(source: readonly SourceFile[]): readonly string[] {
  const [, rows = ""] = source.map(({ text }) => /EXIT_STATUS\b[^={]*=\s*\{([^}]*)\}/.exec(text)).find(Boolean) ?? [];
  return Array.from(rows.matchAll(/"?([a-z-]+)"?:\s*\d+/g), ([, code = ""]) => code);
}
