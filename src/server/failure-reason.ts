/** Lines of llama-server's log that name a cause, the most telling first; the group is what is said to the user. */
const CAUSES: readonly { readonly line: RegExp; readonly say: (found: string) => string }[] = [
  { line: /failed to open GGUF file '([^']+)'/, say: (file) => `the file ${file} can't be opened` },
  { line: /(invalid magic characters: '.*'|failed to read magic)/, say: () => "the file is no GGUF model" },
  {
    line: /(is not within the file bounds|failed to read key-value pairs|failed to read tensor info)/,
    say: () => "the file is damaged or was not copied whole",
  },
  { line: /unknown model architecture: '([^']+)'/, say: (name) => `llama.cpp does not know the architecture ${name}` },
  { line: /(couldn't bind HTTP server socket.*)/, say: () => "the port is in use" },
  {
    line: /(unable to allocate|failed to allocate|out of memory|ErrorOutOfDeviceMemory|cannot allocate memory|bad_alloc)/i,
    say: () => "there is not enough memory for the model and its context",
  },
  {
    line: /error: invalid argument: (--rpc)/,
    say: () => "this llama-server was built without rpc (gpt-oss setup --with-rpc builds one that has it)",
  },
  { line: /Failed to connect to (\S+:\d+)/, say: (address) => `no rpc-server answers at ${address}` },
  {
    line: /(RPC handshake failed for|RPC server version mismatch)/,
    say: () => "an rpc-server is of another llama.cpp release",
  },
  { line: /(Remote RPC server crashed)/, say: () => "an rpc-server went away or is of another llama.cpp release" },
  { line: /error: failed to open file '([^']+)'/, say: (file) => `the file ${file} can't be opened` },
  { line: /the supplied chat template is not supported: (.*)/, say: () => "the chat template can't be read" },
  { line: /error while handling argument "([^"]+)"/, say: (flag) => `this llama-server does not take ${flag}` },
  { line: /error: invalid argument: (\S+)/, say: (flag) => `this llama-server does not know ${flag}` },
  { line: /error loading model: (?:\w+: )?(.+)/, say: (reason) => reason },
  { line: /(?:^|\s)E \S+\s+\S+: (.+)/m, say: (reason) => reason },
];

/** Why a llama-server ended, in the words of its own log; undefined when the log names no cause. */
export function failureReason(log: string): string | undefined {
  for (const { line, say } of CAUSES) {
    const found = line.exec(log)?.[1];
    if (found !== undefined) return say(found.trim());
  }
  return undefined;
}
