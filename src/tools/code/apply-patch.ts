import { dirname, join } from "node:path";
import { lstat, stat } from "node:fs/promises";
import { createPatch } from "diff";
import { z } from "zod";
import type { ApprovalGate, Question } from "../approval.ts";
import type { AgentTool } from "../define-tool.ts";
import { isExecutable } from "../files/file-tools.ts";
import { changesWhatRuns } from "../files/program-files.ts";
import { MOST_FILE_BYTES, type ToolFolder } from "../files/tool-folder.ts";
import { createNativeTool } from "../native-tool.ts";
import { ToolError, ToolRefusal } from "../tool-result.ts";
import { applyHunks } from "./apply-hunks.ts";
import type { FileChange, FileTransactions } from "./file-transaction.ts";
import { parsePatch, type PatchSection } from "./patch-language.ts";
import { REPO_BROWSER } from "./repo-browser.ts";

/** What changes files of a project. */
export interface Patcher {
  readonly folder: ToolFolder;
  readonly gate: ApprovalGate;
  readonly transactions: FileTransactions;
}

/** Changes any number of files at once, when a person has seen all that changes and said yes. */
export function applyPatchTool(patcher: Patcher): AgentTool {
  return createNativeTool({
    ...REPO_BROWSER,
    function: "apply_patch",
    description:
      "Changes files. The user is shown all changes and may refuse. The patch stands between the lines *** Begin Patch and *** End Patch, " +
      "in sections *** Add File: PATH, *** Delete File: PATH or *** Update File: PATH. An update has changes that begin with @@, " +
      "and lines that begin with a space, - or +.",
    aliases: ["apply_patch"],
    renamed: { input: "patch", diff: "patch", content: "patch", text: "patch" },
    schema: z.object({ patch: z.string().min(1) }),
    run: async ({ patch }, signal) => await applyPatch(patch, patcher, signal),
  });
}

/** A file as it will be, and how it is told of. */
interface PlannedChange extends FileChange {
  readonly section: PatchSection;
  /** As it is shown. */
  readonly name: string;
  readonly isProgram: boolean;
  /** The file that this one was before. */
  readonly movedFrom?: string;
}

/**
 * Applies a patch to files of the folder, all or none.
 * @throws ToolError that says what does not match
 */
export async function applyPatch(
  patch: string,
  { folder, gate, transactions }: Patcher,
  signal: AbortSignal | undefined,
) {
  const changes: PlannedChange[] = [];
  for (const section of parsePatch(patch)) changes.push(...(await planSection(folder, section)));
  refuseTwins(changes);
  const ordinary = changes.filter(({ isProgram }) => !isProgram);
  const programs = changes.filter(({ isProgram }) => isProgram);
  const questions = [...programs.map((change) => [change]), ...(ordinary.length > 0 ? [ordinary] : [])];
  for (const asked of questions) {
    const allowed = await gate({
      tool: "apply_patch",
      question: questionOf(asked),
      detail: asked.map(describeChange).join("\n"),
      // a file that can run programs is asked for by itself, whatever was allowed before
      scope: asked.some(({ isProgram }) => isProgram) ? undefined : "apply_patch",
      signal,
    });
    if (!allowed) throw new ToolRefusal("The user refused. Nothing was changed.");
  }
  await transactions.apply(folder, changes);
  return [
    "Success. Updated the following files:",
    ...changes.map(({ section, name }) => `${LETTERS[section.kind]} ${name}`),
  ].join("\n");
}

const LETTERS = { add: "A", delete: "D", update: "M" } as const;

async function planSection(folder: ToolFolder, section: PatchSection): Promise<PlannedChange[]> {
  const target = await folder.locateForWriting(section.path);
  const name = folder.show(target);
  if (section.kind === "add") {
    if ((await lstat(target).catch(() => undefined)) !== undefined) {
      throw new ToolError(`${name} exists already. Use *** Update File: ${section.path}.`);
    }
    return [await changeOf(folder, { section, target, before: undefined, content: section.content })];
  }
  const before = await readSource(folder, section.path, target);
  if (section.kind === "delete") {
    await refuseLink(folder, section.path, target);
    return [await changeOf(folder, { section, target, before, content: undefined })];
  }
  const content = section.hunks.length === 0 ? before : applyHunks(name, before, section.hunks);
  if (section.moveTo === undefined) {
    if (content === before) throw new ToolError(`The patch changes nothing in ${name}.`);
    return [await changeOf(folder, { section, target, before, content })];
  }
  await refuseLink(folder, section.path, target);
  const moved = await folder.locateForWriting(section.moveTo);
  if ((await lstat(moved).catch(() => undefined)) !== undefined) {
    throw new ToolError(`${folder.show(moved)} exists already, so ${name} can't be moved there.`);
  }
  const { mode } = await stat(target);
  const there = await changeOf(folder, { section, target: moved, before: undefined, content });
  return [
    { ...there, mode: mode & 0o777, movedFrom: name, isProgram: there.isProgram || (mode & 0o111) !== 0 },
    await changeOf(folder, { section: { kind: "delete", path: section.path }, target, before, content: undefined }),
  ];
}

async function changeOf(
  folder: ToolFolder,
  change: Pick<PlannedChange, "section" | "target" | "before" | "content">,
): Promise<PlannedChange> {
  const { target } = change;
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => 0o644, // a new file
  );
  const isProgram = changesWhatRuns(folder.root, target) || (await isExecutable(target));
  return { ...change, mode, name: folder.show(target), isProgram };
}

/** The exact text of a file, byte order mark included. @throws ToolError for what is no UTF-8 */
async function readSource(folder: ToolFolder, path: string, target: string): Promise<string> {
  const handle = await folder.openFile(target).catch((error: unknown) => {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(`${error.message} Use *** Add File: ${path} for a new file.`, { cause: error });
  });
  try {
    const { size } = await handle.stat();
    if (size > MOST_FILE_BYTES) throw new ToolError(`${folder.show(target)} is too large to be changed.`);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await handle.readFile());
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(`${folder.show(target)} is not a text file in UTF-8.`, { cause: error });
  } finally {
    await handle.close();
  }
}

/** What is deleted or moved is the file that the patch names, not one that a link leads to. */
async function refuseLink(folder: ToolFolder, path: string, target: string): Promise<void> {
  const named = join(await folder.locate(dirname(join(folder.root, path))), path.split("/").at(-1) ?? "");
  if (named !== target) throw new ToolError(`${path} is a link to ${folder.show(target)}. Name that file itself.`);
}

function refuseTwins(changes: readonly PlannedChange[]): void {
  const targets = changes.map(({ target }) => target);
  const twin = changes.find(({ target }, index) => targets.indexOf(target) !== index);
  if (twin === undefined) return;
  throw new ToolError(
    `${twin.name} stands in the patch twice, so nothing was changed. Put all of its changes into one section.`,
  );
}

/** Where two files have nothing in common, the new one is shown. */
const DIFF_MS = 300;
const CONTEXT_LINES = 3;

function describeChange({ section, name, before, content, movedFrom }: PlannedChange): string {
  if (movedFrom !== undefined) return `*** Move ${movedFrom} to ${name}\n${diffOf(name, "", content ?? "")}`;
  if (section.kind === "delete") return `*** Delete File: ${name}\n${diffOf(name, before ?? "", "")}`;
  const kind = section.kind === "add" ? "Add" : "Update";
  return `*** ${kind} File: ${name}\n${diffOf(name, before ?? "", content ?? "")}`;
}

function diffOf(name: string, before: string, content: string): string {
  const options = { context: CONTEXT_LINES, timeout: DIFF_MS };
  const patch = createPatch(name, before, content, "", "", options);
  // the first four lines name the file, which stands above
  return patch === undefined ? content : patch.split("\n").slice(4).join("\n");
}

function questionOf(changes: readonly PlannedChange[]): Question {
  const names = changes.map(({ name }) => name).join(", ");
  const [first] = changes;
  if (first?.isProgram) {
    return {
      en: `${first.name} can run programs, or change which programs run. Apply this patch to it?`,
      ja: `${first.name} はプログラムを実行したり、実行されるプログラムを変えたりすることがあります。このパッチを適用しますか？`,
    };
  }
  return { en: `Apply this patch to ${names}?`, ja: `このパッチを ${names} に適用しますか？` };
}
