import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface ServerProgramOptions {
  /** Where the script is written. */
  readonly folder: string;
  /** llama-server splits the channels with its own parser. */
  readonly parsed?: boolean;
  /** Offers embeddings too. */
  readonly embeddings?: boolean;
}

/** A llama-server as a person may start one: with more arguments than gpt-oss gives it, or with its own parser. */
export async function wrapServerProgram(
  program: string,
  { folder, parsed = false, embeddings = false }: ServerProgramOptions,
): Promise<string> {
  const script = join(folder, "llama-server");
  const lines = [
    "#!/bin/sh",
    ...(parsed ? ['for word do shift; [ "$word" = --skip-chat-parsing ] || set -- "$@" "$word"; done'] : []),
    `exec "${program}" ${embeddings ? "--embeddings --pooling mean " : ""}"$@"`,
  ];
  await writeFile(script, `${lines.join("\n")}\n`, { mode: 0o755 });
  return script;
}
