import { Socket } from "node:net";
import { describe, expect, it } from "@jest/globals";
import { readJsonLines } from "../../src/llama-server/protocol.ts";

function read(...chunks: readonly Buffer[]): unknown[] {
  const values: unknown[] = [];
  const socket = new Socket();
  readJsonLines(socket, (value) => values.push(value));
  for (const chunk of chunks) socket.push(chunk);
  while (socket.read() !== null);
  socket.destroy();
  return values;
}

describe("readJsonLines", () => {
  it("reads lines wherever they are cut, also inside a character", () => {
    const bytes = Buffer.from('{"name":"日本"}\n[1]\n');
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(read(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([{ name: "日本" }, [1]]);
    }
  });

  it("returns undefined for a line that is not JSON", () => {
    expect(read(Buffer.from("GET / HTTP/1.1\n2\n"))).toEqual([undefined, 2]);
  });
});
