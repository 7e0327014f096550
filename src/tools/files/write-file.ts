import { constants } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { createPatch } from "diff";
import { z } from "zod";
import type { ApprovalGate, Question } from "../approval.ts";
import { type AgentTool, defineTool } from "../define-tool.ts";
import { ToolFailure, ToolRefusal } from "../failure.ts";
import { changesWhatRuns } from "./program-files.ts";
import { readText } from "./read-text.ts";
import type { ToolFolder } from "./tool-folder.ts";

const MOST_BYTES = 1_000_000;
/** Where two files have nothing in common, the new one is shown. */
const DIFF_MS = 300;

/** Writes a text file of the folder when a person has seen what changes and said yes. */
export function writeFileTool(folder: ToolFolder, gate: ApprovalGate): AgentTool {
  return defineTool({
    name: "write_file",
    description: "Writes a text file, with all of its new content. The user is shown what changes and may refuse.",
    schema: z.object({
      path: z.string().describe("from the folder on, such as docs/notes.md"),
      content: z.string().describe("the whole file"),
    }),
    async run({ path, content }, signal) {
      if (Buffer.byteLength(content) > MOST_BYTES) throw new ToolFailure(`At most ${MOST_BYTES} bytes can be written.`);
      const target = await folder.locateForWriting(path);
      const before = await currentText(folder, target);
      if (before === content) return `${folder.show(target)} already has this content.`;
      const runs = changesWhatRuns(folder.root, target) || (await isExecutable(target));
      const allowed = await gate({
        tool: "write_file",
        question: questionOf(folder.show(target), { isNew: before === undefined, runs }),
        detail: describeChange(folder.show(target), before, content),
        // asked for by itself, whatever was allowed before
        scope: runs ? undefined : "write_file",
        signal,
      });
      if (!allowed) throw new ToolRefusal("The user refused. Nothing was written.");
      await replaceFile(folder, { path, target, before, content });
      return `${folder.show(target)} was written: ${Buffer.byteLength(content)} bytes.`;
    },
  });
}

/** Undefined when there is no file yet. */
async function currentText(folder: ToolFolder, target: string): Promise<string | undefined> {
  if ((await stat(target).catch(() => undefined)) === undefined) return undefined;
  const handle = await folder.openFile(target);
  try {
    return await readText(handle, folder.show(target));
  } finally {
    await handle.close();
  }
}

function questionOf(name: string, { isNew, runs }: { readonly isNew: boolean; readonly runs: boolean }): Question {
  const en = `${isNew ? "Write the new file" : "Change"} ${name}?`;
  const ja = isNew ? `新しいファイル ${name} を書き込みますか？` : `${name} を変更しますか？`;
  if (!runs) return { en, ja };
  return {
    en: `${name} can run programs, or change which programs run. ${en}`,
    ja: `${name} はプログラムを実行したり、実行されるプログラムを変えたりすることがあります。${ja}`,
  };
}

async function isExecutable(target: string): Promise<boolean> {
  const found = await stat(target).catch(() => undefined); // it may well not exist yet
  return found !== undefined && (found.mode & 0o111) !== 0;
}

function describeChange(name: string, before: string | undefined, content: string): string {
  // the first two lines of a patch name a file that is named in the question
  const patch = createPatch(name, before ?? "", content, "", "", { context: 3, timeout: DIFF_MS });
  return patch === undefined ? content : patch.split("\n").slice(4).join("\n");
}

interface Change {
  readonly path: string;
  readonly target: string;
  readonly before: string | undefined;
  readonly content: string;
}

/** Writes beside the file and puts it in its place at once: never half a file, and never through a link. */
async function replaceFile(folder: ToolFolder, { path, target, before, content }: Change): Promise<void> {
  await folder.makeFolderOf(target);
  // the person agreed to one change of one file: both have to be what they were
  if ((await folder.locateForWriting(path)) !== target || (await currentText(folder, target)) !== before) {
    throw new ToolFailure(`${folder.show(target)} was changed by someone else meanwhile. Read it again.`);
  }
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => 0o644,
  );
  const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(temporary, flags, mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
    if ((await folder.locate(temporary)) !== temporary) throw new ToolFailure(`${folder.show(target)} was moved.`);
    await rename(temporary, target);
  } catch (error) {
    await handle.close().catch(() => undefined); // it may be closed already
    await rm(temporary, { force: true });
    throw error;
  }
}
