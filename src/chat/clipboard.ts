import { spawnSync } from "node:child_process";
import { childEnvironment } from "../platform/child-environment.ts";

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
