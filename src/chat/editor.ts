import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userProgramEnvironment } from "../platform/child-environment.ts";

export type EditorResult =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "failed"; readonly editor: string };

/**
 * Lets the user edit a text in $VISUAL, $EDITOR or vi, and waits for it. The terminal belongs to the editor meanwhile: it has to be out of
 * raw mode.
 */
export function editText(text: string, environment: Readonly<Record<string, string | undefined>>): EditorResult {
  const editor = environment["VISUAL"] || environment["EDITOR"] || "vi";
  const folder = mkdtempSync(join(tmpdir(), "gpt-oss-edit-"));
  const path = join(folder, "message.md");
  try {
    writeFileSync(path, text, { mode: 0o600 });
    // by the shell, since an editor may have arguments: `code --wait`. Standard output may be a file, so the editor draws on standard error.
    const { status } = spawnSync("sh", ["-c", `${editor} "$1"`, "sh", path], {
      stdio: ["inherit", 2, "inherit"],
      env: userProgramEnvironment(environment),
    });
    if (status !== 0) return { kind: "failed", editor };
    return { kind: "text", text: readFileSync(path, "utf8").replace(/\n+$/, "") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
