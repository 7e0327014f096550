/**
 * Stops this program until the shell continues it, as Ctrl-Z does where the terminal is not in raw mode. The whole process group is
 * stopped, as the terminal would do it: a shell waits for all of `gpt-oss chat | tee log`, and for npx around it.
 * Returns when the program has been continued; at once where no shell is there to continue it.
 */
export function suspendProcess(): void {
  if (process.platform === "win32") return;
  process.kill(0, "SIGTSTP");
}
