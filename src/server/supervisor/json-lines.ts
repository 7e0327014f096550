import type { Socket } from "node:net";

/** More than this without an end of line is nothing that a peer of ours says. */
const LONGEST_LINE = 2 ** 20;

/** Calls `onValue` with each JSON line that comes; `undefined` for a line that is none. */
export function readJsonLines(socket: Socket, onValue: (value: unknown) => void): void {
  let pending = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    const lines = `${pending}${text}`.split("\n");
    pending = lines.pop() ?? "";
    if (pending.length > LONGEST_LINE) socket.destroy();
    for (const line of lines) onValue(parse(line));
  });
}

/** Sends one value as a line; to a peer that is gone, nothing. */
export function writeJsonLine(socket: Socket, value: unknown): void {
  if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
