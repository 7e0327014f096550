import { describe, expect, it } from "@jest/globals";
import { PasteFilter } from "../../../src/chat/terminal/paste-filter.ts";

const START = "\u001B[200~";
const END = "\u001B[201~";

/** What comes through for these chunks, and the filter to restore it with. */
function filtered(chunks: readonly (string | Buffer)[]): { filter: PasteFilter; line: string } {
  const filter = new PasteFilter();
  let line = "";
  filter.setEncoding("utf8").on("data", (text: string) => (line += text));
  for (const chunk of chunks) filter.write(chunk);
  line += filter.read() ?? "";
  return { filter, line };
}

describe("PasteFilter", () => {
  it("lets keys through as they are, a lone Esc too", () => {
    expect(filtered(["abc\r", "\u001B", "[A", "\t"]).line).toBe("abc\r\u001B[A\t");
  });

  it("makes one line of a short paste, wherever it is cut", () => {
    const text = `x${START}one\r\n\ttwo\nthree${END}y\r`;
    for (let at = 1; at < text.length; at++) {
      // a lone Esc is a key, and goes through at once
      if (text[at - 1] === "\u001B" && at < 5) continue;
      const { filter, line } = filtered([text.slice(0, at), text.slice(at)]);
      expect(line).toBe("xone␤⇥two␤threey\r");
      expect(filter.restore(line)).toBe("xone\n\ttwo\nthreey\r");
    }
  });

  it("never cuts a character of a chunk", () => {
    const bytes = Buffer.from(`${START}日本𠮷🙂${END}`);
    for (let at = 2; at < bytes.length; at++)
      expect(filtered([bytes.subarray(0, at), bytes.subarray(at)]).line).toBe("日本𠮷🙂");
  });

  it("folds a long paste into a label, and restores it", () => {
    const long = Array.from({ length: 200 }, (_, index) => `line ${index}`).join("\n");
    const { filter, line } = filtered([`a ${START}${long}`, `${END} b`]);
    expect(line).toBe("a [paste 1: 200 lines] b");
    expect(filter.restore(line)).toBe(`a ${long} b`);
    expect(filter.restore("[paste 2: 200 lines]")).toBe("[paste 2: 200 lines]");
  });

  it("keeps keys and escape sequences out of what is pasted", () => {
    const { filter, line } = filtered([`${START}a\u0003b\u001B[2Jc\u007F${END}`]);
    expect(line).toBe("ab[2Jc");
    expect(filter.fold("x\u0007")).toBe("x");
  });

  it("gives up a paste without an end at Ctrl-C", () => {
    expect(filtered([`${START}lost`, "\u0003", "next"]).line).toBe("\u0003next");
  });
});
