import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** A user that no account of this machine belongs to. */
export const OTHER_UID = 54_321;

/** Whether programs can be run as another user here, which takes root and util-linux. */
export function canBeOtherUser(): boolean {
  return process.getuid?.() === 0 && spawnSync("setpriv", ["--version"]).status === 0;
}

const LISTENER = `
  const [path, hello] = process.argv.slice(1);
  require("node:net").createServer((socket) => {
    console.log("connected");
    socket.write(hello + "\\n");
    socket.on("data", (data) => console.log("got " + data));
    socket.on("error", () => undefined);
  }).listen(path, () => console.log("listening"));
`;

/** Somebody else's process that listens at a socket and greets as a supervisor does. */
export class OtherUsersListener implements AsyncDisposable {
  readonly #child;
  #said = "";

  private constructor(path: string, hello: object) {
    const words = [`--reuid=${OTHER_UID}`, `--regid=${OTHER_UID}`, "--clear-groups", process.execPath];
    this.#child = spawn("setpriv", [...words, "-e", LISTENER, path, JSON.stringify(hello)], { cwd: "/" });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
  }

  static async start(path: string, hello: object): Promise<OtherUsersListener> {
    const listener = new OtherUsersListener(path, hello);
    await once(listener.#child.stdout, "data");
    return listener;
  }

  /** What happened there: `listening`, and then `connected` and `got …` for each program that was taken in. */
  get said(): string {
    return this.#said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }
}
