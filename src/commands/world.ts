import type { ReadStream, WriteStream } from "node:tty";

/** What a command has of the process around it; only cli.ts makes one from the real process. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The current folder. */
  readonly folder: string;
  readonly stdin: ReadStream | (NodeJS.ReadStream & { readonly fd: 0 });
  readonly stdout: WriteStream | (NodeJS.WriteStream & { readonly fd: 1 });
  readonly stderr: WriteStream | (NodeJS.WriteStream & { readonly fd: 2 });
  /** Aborts at Ctrl-C, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  /** Has something done at the very end, however the process ends: a terminal put back as it was. */
  readonly atExit: (action: () => void) => void;
}
