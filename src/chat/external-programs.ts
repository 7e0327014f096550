import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userProgramEnvironment, childEnvironment } from "../platform/child-environment.ts";

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

type Environment = Readonly<Record<string, string | undefined>>;

/** Programs that put their input on the clipboard, where there is a screen to have one. */
function programsOf(environment: Environment, platform: NodeJS.Platform): readonly (readonly [string, ...string[]])[] {
  if (platform === "darwin") return [["pbcopy"]];
  return [
    ...(environment["WAYLAND_DISPLAY"] ? [["wl-copy"] as const] : []),
    ...(environment["DISPLAY"] ? [["xclip", "-selection", "clipboard"] as const, ["xsel", "-ib"] as const] : []),
  ];
}

/** Puts a text on the clipboard: by the system's program, else by asking the terminal (OSC 52), which works over ssh too. */
export function copyToClipboard(
  text: string,
  environment: Environment,
  writeToTerminal: (sequence: string) => void,
  platform: NodeJS.Platform = process.platform,
): void {
  // over ssh the system's clipboard is that of the wrong machine
  const programs = environment["SSH_CONNECTION"] ? [] : programsOf(environment, platform);
  const done = programs.some(([program, ...words]) => {
    const { status } = spawnSync(program, words, {
      input: text,
      env: childEnvironment("desktop", environment),
      stdio: ["pipe", "ignore", "ignore"],
      timeout: 2_000,
    });
    return status === 0;
  });
  if (!done) writeToTerminal(`\x1b]52;c;${Buffer.from(text).toString("base64")}\x07`);
}
