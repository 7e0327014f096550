import { type Phrase, reason } from "../failures/failure.ts";

/** Lines of llama-server's log that name a cause, the most telling first; the group is what is said to the user. */
const CAUSES: readonly { readonly line: RegExp; readonly say: (found: string) => Phrase }[] = [
  { line: /failed to open GGUF file '([^']+)'/, say: (file) => reason("fileNotOpened", file) },
  { line: /(invalid magic characters: '.*'|failed to read magic)/, say: () => reason("noGguf") },
  {
    line: /(is not within the file bounds|failed to read key-value pairs|failed to read tensor info)/,
    say: () => reason("damagedFile"),
  },
  { line: /unknown model architecture: '([^']+)'/, say: (name) => reason("unknownArchitecture", name) },
  { line: /(couldn't bind HTTP server socket.*)/, say: () => reason("portInUse") },
  {
    line: /(unable to allocate|failed to allocate|out of memory|ErrorOutOfDeviceMemory|cannot allocate memory|bad_alloc)/i,
    say: () => reason("outOfMemory"),
  },
  {
    line: /error: invalid argument: (--rpc)/,
    say: () => reason("builtWithoutRpc"),
  },
  { line: /Failed to connect to (\S+:\d+)/, say: (address) => reason("noRpcAnswer", address) },
  {
    line: /(RPC handshake failed for|RPC server version mismatch)/,
    say: () => reason("otherRpcRelease"),
  },
  { line: /(Remote RPC server crashed)/, say: () => reason("rpcWentAway") },
  { line: /error: failed to open file '([^']+)'/, say: (file) => reason("fileNotOpened", file) },
  { line: /the supplied chat template is not supported: (.*)/, say: () => reason("badTemplate") },
  { line: /error while handling argument "([^"]+)"/, say: (flag) => reason("badFlag", flag) },
  { line: /error: invalid argument: (\S+)/, say: (flag) => reason("unknownFlag", flag) },
  { line: /error loading model: (?:\w+: )?(.+)/, say: (words) => words },
  { line: /(?:^|\s)E \S+\s+\S+: (.+)/m, say: (words) => words },
];

/** Why a llama-server ended, in the words of its own log; undefined when the log names no cause. */
export function failureReason(log: string): Phrase | undefined {
  for (const { line, say } of CAUSES) {
    const found = line.exec(log)?.[1];
    if (found !== undefined) return say(found.trim());
  }
  return undefined;
}
