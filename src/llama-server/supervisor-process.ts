/** The supervisor's process: `node supervisor-process.js SOCKET`, started detached by a client, ended by itself. */
import { totalmem } from "node:os";
import { packageVersion } from "../platform/folders.ts";
import { messageOf } from "../errors/errors.ts";
import { errorDetail } from "../i18n/error-messages.ts";
import { makeRuntimeFolder, pathsOfSocket } from "./runtime-folder.ts";
import { Supervisor } from "./supervisor.ts";

const [socketPath] = process.argv.slice(2);
if (socketPath === undefined) throw new Error("usage: supervisor-process.js SOCKET");
// its log may stand on a disk that is full
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

const version = packageVersion();
const supervisor = new Supervisor({
  socketPath,
  environment: process.env,
  version,
  totalMemory: totalmem(),
  onDone: () => process.exit(0),
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    void supervisor.stopAll(errorDetail("supervisorSignalled", signal)).finally(() => process.exit(0));
  });
}
process.on("SIGHUP", () => undefined);

// the socket too is for this user alone
process.umask(0o077);
try {
  makeRuntimeFolder(pathsOfSocket(socketPath));
  await supervisor.listen();
} catch (failure) {
  process.stderr.write(`${new Date().toISOString()} can't listen on ${socketPath}: ${messageOf(failure)}\n`);
  process.exit(1);
}
