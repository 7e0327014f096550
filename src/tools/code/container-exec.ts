import { readdir, rm } from "node:fs/promises";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { childEnvironment } from "../../platform/child-environment.ts";
import type { Question } from "../approval.ts";
import type { AgentTool } from "../define-tool.ts";
import { type Isolation, type NoIsolation, noIsolationReason, programFolders } from "../isolation/isolation.ts";
import { createNativeTool } from "../native-tool.ts";
import { quoteWord, runProgram } from "../run-command.ts";
import { ToolError, ToolRefusal } from "../tool-result.ts";
import { applyPatch, type Patcher } from "./apply-patch.ts";
import { protectedPathsIn } from "./protected-files.ts";

export interface ContainerExecOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly isolation: Isolation | NoIsolation;
  /** Commands that the user has approved in advance, as one would type them. */
  readonly allow: readonly string[];
  /** Told of what a command prints while it runs. */
  readonly onOutput: (text: string) => void;
}

const SECONDS = 120;
const MAX_SECONDS = 600;
const MAX_CHARACTERS = 8_000;

/** Runs one command in the folder, each time only after a person has said yes, isolated where the machine can. */
export function containerExecTool(patcher: Patcher, options: ContainerExecOptions): AgentTool {
  const text = z.union([z.array(z.string()).min(1), z.string().min(1)]);
  return createNativeTool({
    namespace: "container",
    namespaceDescription: "Container tools.",
    function: "exec",
    description: `Runs a command in the project's folder, such as ["bash", "-lc", "npm test"]. It gets no input and ${SECONDS} seconds. The user is asked and may refuse. Without network the command has no network.`,
    renamed: { cmd: "command", commands: "command", cwd: "workdir" },
    schema: z.object({
      command: text,
      workdir: z.string().optional(),
      timeout: z.number().positive().optional().describe("Seconds."),
      network: z.boolean().optional().describe("Asks the user for access to the network."),
    }),
    async run({ command, workdir, timeout = SECONDS, network = false }, signal) {
      const words = typeof command === "string" ? ["bash", "-lc", command] : command;
      if (words.some((word) => word.includes("\0"))) throw new ToolError("A command can't hold a NUL character.");
      const patch = patchIn(words);
      if (patch !== undefined) return await applyPatch(patch, patcher, signal);
      return await runCommand({ words, workdir, seconds: secondsOf(timeout), network }, patcher, options, signal);
    },
  });
}

/** The model counts in seconds or in milliseconds. */
function secondsOf(timeout: number): number {
  return Math.min(MAX_SECONDS, timeout > MAX_SECONDS ? timeout / 1_000 : timeout);
}

/** The patch of a command that only applies one: `apply_patch <<'EOF'` in a shell, or as an argument. */
function patchIn(words: readonly string[]): string | undefined {
  const [program = "", ...rest] = words;
  if (/^(?:apply_patch|applypatch)$/.test(program) && rest.length === 1) return rest[0];
  const script = /(?:^|\/)(?:ba|z)?sh$/.test(program) ? rest.at(-1) : undefined;
  const [, , patch] =
    /^\s*apply_patch\s*<<-?\s*(["']?)\w+\1[^\n]*\n([\s\S]*\*\*\* End Patch)\s*\n\w+\s*$/.exec(script ?? "") ?? [];
  return patch;
}

/** A command as one would type it: what a shell is given, or the words. */
export function typedCommand(words: readonly string[]): string {
  const [program = "", flag = "", script] = words;
  const isScript = words.length === 3 && /(?:^|\/)(?:ba|z)?sh$/.test(program) && /^-l?c$/.test(flag);
  return isScript && script !== undefined ? script.trim() : words.map(quoteWord).join(" ");
}

interface Command {
  readonly words: readonly string[];
  readonly workdir: string | undefined;
  readonly seconds: number;
  readonly network: boolean;
}

async function runCommand(
  { words, workdir, seconds, network }: Command,
  { folder, gate }: Patcher,
  { environment, home, isolation, allow, onOutput }: ContainerExecOptions,
  signal: AbortSignal | undefined,
): Promise<string> {
  const here = await folder.locate(workdir === undefined || workdir === "" ? "." : workdir);
  const isApproved = !network && allow.some((allowed) => allowed.trim() === typedCommand(words));
  const detail = [words.map(quoteWord).join(" "), ...(here === folder.root ? [] : [`in ${folder.show(here)}`])];
  const asked = { tool: "container_exec", question: questionOf(isolation, network), detail: detail.join("\n") };
  // each command is asked for by itself
  if (!isApproved && !(await gate({ ...asked, scope: undefined, signal }))) {
    throw new ToolRefusal("The user refused. Nothing was run.");
  }
  const before = await protectedPathsIn(folder.root);
  const own = childEnvironment("command", environment, { TERM: "dumb" });
  const [program = "", ...rest] = words;
  const wrapped =
    isolation.name === undefined
      ? { program, words: rest }
      : isolation.commandFor({
          program,
          words: rest,
          workingFolder: here,
          writable: { from: folder.root, to: folder.root },
          protectedPaths: before,
          readable: programFolders(own["PATH"] ?? "", home),
          network,
          limits: { processes: (await processesNow()) + MAX_PROCESSES },
          variables: {
            PATH: own["PATH"] ?? "/usr/bin:/bin",
            HOME: "/tmp/home",
            TERM: "dumb",
            LANG: own["LANG"] ?? "C.UTF-8",
          },
        });
  const result = await runProgram(wrapped.program, wrapped.words, {
    folder: here,
    environment: own,
    timeLimitMs: seconds * 1_000,
    mostCharacters: MAX_CHARACTERS,
    signal,
    onOutput,
  });
  const removed = await askForNewFiles(before, { folder, gate }, signal);
  signal?.throwIfAborted();
  if (result.ended === "not-started") throw new ToolError(`The program did not start: ${result.status}.`);
  return resultText(result, { seconds, removed, isIsolated: isolation.name !== undefined, isOnline: network });
}

/** A command may start so many processes beside those that there are. */
const MAX_PROCESSES = 1_024;

/** The limit of the system counts all processes of a user. */
async function processesNow(): Promise<number> {
  const names = await readdir("/proc").catch((): string[] => []); // macOS has none
  return names.filter((name) => /^\d+$/.test(name)).length;
}

interface ResultNotes {
  readonly seconds: number;
  readonly removed: readonly string[];
  readonly isIsolated: boolean;
  readonly isOnline: boolean;
}

function resultText(
  { ended, status, dropped, output }: Awaited<ReturnType<typeof runProgram>>,
  { seconds, removed, isIsolated, isOnline }: ResultNotes,
): string {
  const text = stripVTControlCharacters(output);
  const notes = [
    ended === "killed" ? `[stopped after ${seconds} seconds]` : `[exit ${status}]`,
    ...(dropped > 0 ? [`[cut: the first ${dropped} characters are left out]`] : []),
    ...(isIsolated && /Read-only file system|EROFS/.test(text)
      ? ["[only the project's folder can be changed, and there no file that runs programs; use apply_patch for those]"]
      : []),
    ...(isIsolated &&
    !isOnline &&
    /EAI_AGAIN|ENOTFOUND|Could not resolve|Network is unreachable|name resolution/i.test(text)
      ? ["[there is no network; call with network: true to ask the user for it]"]
      : []),
    ...(removed.length > 0
      ? [`[the user did not want these new files, which are deleted: ${removed.join(", ")}]`]
      : []),
  ];
  return [...notes, text].join("\n");
}

/** A file that can run programs stays only when the user agrees to it by itself. @returns those that were deleted */
async function askForNewFiles(
  before: readonly string[],
  { folder, gate }: Pick<Patcher, "folder" | "gate">,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const known = new Set(before);
  const removed: string[] = [];
  for (const path of await protectedPathsIn(folder.root)) {
    if (known.has(path)) continue;
    const name = folder.show(path);
    const question = {
      en: `The command made ${name}, which can run programs or change which programs run. Keep it?`,
      ja: `コマンドが ${name} を作成しました。これはプログラムを実行したり、実行されるプログラムを変えたりすることがあります。残しますか？`,
    };
    if (await gate({ tool: "container_exec", question, scope: undefined, signal })) continue;
    await rm(path, { recursive: true, force: true });
    removed.push(relative(folder.root, path));
  }
  return removed;
}

function questionOf(isolation: Isolation | NoIsolation, network: boolean): Question {
  if (isolation.name === undefined) {
    const { en, ja } = noIsolationReason(isolation);
    return {
      en: `Run this command? It is not isolated and can do what you can do: ${en}.`,
      ja: `このコマンドを実行しますか？隔離されず、あなたと同じ権限で動きます (${ja})。`,
    };
  }
  if (network) {
    return {
      en: "Run this command with access to the network? It can change this folder alone.",
      ja: "このコマンドをネットワークへの接続を許可して実行しますか？変更できるのはこのフォルダーだけです。",
    };
  }
  return {
    en: "Run this command? It can change this folder alone and has no network.",
    ja: "このコマンドを実行しますか？変更できるのはこのフォルダーだけで、ネットワークは使えません。",
  };
}
