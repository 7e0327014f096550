import { closeSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { systemCodeOf } from "../errors/errors.ts";
import { type LocalizedText, errorDetail } from "../i18n/error-messages.ts";
import { makeFolder } from "../platform/folders.ts";

/** Bytes after which a log is renamed to FILE.1 and a new one begins. */
const FILE_LIMIT = 16 * 2 ** 20;
/** Characters that stay in memory, to find the reason of a failure. */
const TAIL_LENGTH = 64 * 2 ** 10;

/**
 * What a llama-server says: in a file for people, its end in memory for us. A full disk costs the file some lines and
 * nothing else; a server that writes its log itself would go silent on it, and with that its address.
 */
export class ServerLog {
  readonly #path: string;
  #file: number | undefined;
  #fileBytes = 0;
  /** The latest lines, and those before them: cutting one text at each line would copy all of it each time. */
  #latest: string[] = [];
  #latestLength = 0;
  #before = "";

  /** Begins a new file, and renames the one before, which may tell why a server crashed, to FILE.1. */
  constructor(path: string) {
    this.#path = path;
    this.#turnOver();
  }

  /** The last lines, as one text. */
  get tail(): string {
    return `${this.#before}${this.#latest.join("")}`.slice(-TAIL_LENGTH);
  }

  writeLine(line: string): void {
    this.#remember(`${line}\n`);
    if (this.#fileBytes > FILE_LIMIT) this.#turnOver();
    if (this.#file === undefined) return;
    tolerantly(() => (this.#fileBytes += writeSync(this.#file ?? -1, `${line}\n`)));
  }

  #remember(line: string): void {
    this.#latest.push(line);
    this.#latestLength += line.length;
    if (this.#latestLength < TAIL_LENGTH) return;
    this.#before = this.#latest.join("").slice(-TAIL_LENGTH);
    this.#latest = [];
    this.#latestLength = 0;
  }

  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) tolerantly(() => closeSync(file));
  }

  #openFile(): void {
    this.#fileBytes = 0;
    tolerantly(() => {
      makeFolder(dirname(this.#path));
      this.#file = openSync(this.#path, "w", 0o600);
    });
  }

  #turnOver(): void {
    this.close();
    tolerantly(() => renameSync(this.#path, `${this.#path}.1`));
    this.#openFile();
  }
}

/** Runs what the file system may refuse (full, read-only, not ours): the server matters more than its log. */
function tolerantly(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
  }
}

/** Lines of llama-server's log that name a cause, the most telling first; the group is what is said to the user. */
const CAUSES: readonly { readonly line: RegExp; readonly say: (found: string) => LocalizedText }[] = [
  { line: /failed to open GGUF file '([^']+)'/, say: (file) => errorDetail("fileNotOpened", file) },
  { line: /(invalid magic characters: '.*'|failed to read magic)/, say: () => errorDetail("noGguf") },
  {
    line: /(is not within the file bounds|failed to read key-value pairs|failed to read tensor info)/,
    say: () => errorDetail("damagedFile"),
  },
  { line: /unknown model architecture: '([^']+)'/, say: (name) => errorDetail("unknownArchitecture", name) },
  { line: /(couldn't bind HTTP server socket.*)/, say: () => errorDetail("portInUse") },
  {
    line: /(unable to allocate|failed to allocate|out of memory|ErrorOutOfDeviceMemory|cannot allocate memory|bad_alloc)/i,
    say: () => errorDetail("outOfMemory"),
  },
  {
    line: /error: invalid argument: (--rpc)/,
    say: () => errorDetail("builtWithoutRpc"),
  },
  { line: /Failed to connect to (\S+:\d+)/, say: (address) => errorDetail("noRpcAnswer", address) },
  {
    line: /(RPC handshake failed for|RPC server version mismatch)/,
    say: () => errorDetail("otherRpcRelease"),
  },
  { line: /(Remote RPC server crashed)/, say: () => errorDetail("rpcWentAway") },
  { line: /error: failed to open file '([^']+)'/, say: (file) => errorDetail("fileNotOpened", file) },
  { line: /the supplied chat template is not supported: (.*)/, say: () => errorDetail("badTemplate") },
  { line: /error while handling argument "([^"]+)"/, say: (flag) => errorDetail("badFlag", flag) },
  { line: /error: invalid argument: (\S+)/, say: (flag) => errorDetail("unknownFlag", flag) },
  { line: /error loading model: (?:\w+: )?(.+)/, say: (words) => words },
  { line: /(?:^|\s)E \S+\s+\S+: (.+)/m, say: (words) => words },
];

/** Why a llama-server ended, in the words of its own log; undefined when the log names no cause. */
export function failureReason(log: string): LocalizedText | undefined {
  for (const { line, say } of CAUSES) {
    const found = line.exec(log)?.[1];
    if (found !== undefined) return say(found.trim());
  }
  return undefined;
}
