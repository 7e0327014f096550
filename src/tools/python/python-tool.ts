import { chown, mkdtemp, readdir, realpath, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { PYTHON_NAMESPACE } from "../../harmony/index.ts";
import { createError } from "../../i18n/error-messages.ts";
import type { InterfaceLanguage } from "../../i18n/language.ts";
import type { ApprovalGate } from "../approval.ts";
import type { AgentTool } from "../define-tool.ts";
import { findIsolation, type Isolation, NOBODY, type NoIsolation, noIsolationReason } from "../isolation/isolation.ts";
import { createNativeTool } from "../native-tool.ts";
import { ToolRefusal } from "../tool-result.ts";
import { dataFolderIn, findInterpreter, PythonSession } from "./python-session.ts";

export interface PythonToolOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly language: InterfaceLanguage;
  /** Told where files are, once there are some. */
  readonly onOutput: (text: string) => void;
  /** The isolation of this machine by default. */
  readonly isolation?: Isolation | NoIsolation | undefined;
  /** Seconds of one call. */
  readonly seconds?: number | undefined;
}

/** What gpt-oss was taught that a call may take. */
const SECONDS = 120;

/**
 * The `python` tool, and what ends its interpreter. Isolated it runs what the model writes; otherwise each call asks.
 * @throws GptOssError `usage` when no Python 3 is installed
 */
export async function openPythonTool(
  gate: ApprovalGate,
  { environment, language, onOutput, isolation: given, seconds = SECONDS }: PythonToolOptions,
): Promise<{ readonly tool: AgentTool; readonly folder: string; readonly close: () => Promise<void> }> {
  const isolation = given ?? (await findIsolation(environment));
  const folder = await realpath(await mkdtemp(join(tmpdir(), "gpt-oss-python-")));
  // an isolated interpreter of root's is another user
  if (isolation.name === "bubblewrap" && process.getuid?.() === 0) await chown(folder, NOBODY, NOBODY);
  const options = { environment, isolation, folder, seconds };
  const interpreter = await findInterpreter(options);
  if (interpreter === undefined) {
    await rmdir(folder);
    throw createError("noPython", []);
  }
  const session = new PythonSession(interpreter, options);
  let isFolderTold = false;
  const tool = createNativeTool({
    namespace: "python",
    namespaceDescription: (PYTHON_NAMESPACE.description ?? "").replaceAll("/mnt/data", dataFolderIn(isolation, folder)),
    description: `Runs Python code and gives its output. Variables stay from call to call. Files in ${dataFolderIn(isolation, folder)} stay too. A call may take ${seconds} seconds.`,
    schema: z.object({ code: z.string() }),
    renamed: { script: "code", input: "code" },
    async run({ code: written }, signal) {
      const code = plainCode(written);
      if (isolation.name === undefined && !(await gate({ ...questionOf(isolation), detail: code, signal }))) {
        throw new ToolRefusal("The user refused. Nothing was run.");
      }
      const { output, state } = await session.run(code, signal);
      if (!isFolderTold && (await readdir(folder)).length > 0) {
        isFolderTold = true;
        onOutput(FOLDER_NOTE[language](folder));
      }
      const text = stripVTControlCharacters(output);
      const note = "[the interpreter has ended, and its variables are lost; the next call starts another one]";
      if (state === "ended") return text === "" ? note : `${text}\n${note}`;
      return text === "" ? "[no output]" : text;
    },
  });
  const close = async () => {
    session.close();
    await rmdir(folder).catch(() => undefined); // files stay
  };
  return { tool, folder, close };
}

const FOLDER_NOTE: Readonly<Record<InterfaceLanguage, (folder: string) => string>> = {
  en: (folder) => `Files from Python are in ${folder}\n`,
  ja: (folder) => `Python が作成したファイルは ${folder} にあります。\n`,
};

/** Code that the model has put into JSON, as it does for other tools. */
export function plainCode(written: string): string {
  if (!written.trimStart().startsWith("{")) return written;
  try {
    const values = Object.values(z.record(z.string(), z.string()).parse(JSON.parse(written)));
    return values.length === 1 ? (values[0] ?? written) : written;
  } catch {
    return written; // a dictionary of Python's, for example
  }
}

function questionOf(isolation: NoIsolation) {
  const { en, ja } = noIsolationReason(isolation);
  const question = {
    en: `Run this Python code? It is not isolated and can do what you can do: ${en}.`,
    ja: `この Python コードを実行しますか？隔離されず、あなたと同じ権限で動きます (${ja})。`,
  };
  return { tool: "python", question, scope: undefined };
}
