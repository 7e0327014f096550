import type { LineReader, ReadResult } from "./line-reader.ts";

const BLOCK_MARK = '"""';

export interface Prompts {
  readonly first: string;
  readonly more: string;
}

/**
 * Reads one message, which may have several lines: `"""` begins a block and ends it, and a line that ends with `\` goes on in the next.
 * Ctrl-C in the middle gives the message up.
 */
export async function readMessage(reader: LineReader, prompts: Prompts): Promise<ReadResult> {
  const first = await reader.read(prompts.first);
  if (first.kind !== "line") return first;
  // a pasted text is complete, and its signs are its own
  if (first.text.includes("\n")) return first;
  const opening = first.text.trimStart();
  if (opening.startsWith(BLOCK_MARK)) return await readBlock(reader, prompts.more, opening.slice(BLOCK_MARK.length));
  let text = first.text;
  while (text.endsWith("\\")) {
    const next = await reader.read(prompts.more);
    if (next.kind === "interrupt") return { kind: "line", text: "" };
    text = `${text.slice(0, -1)}\n${next.kind === "line" ? next.text : ""}`;
    if (next.kind === "end") break;
  }
  return { kind: "line", text };
}

async function readBlock(reader: LineReader, prompt: string, begun: string): Promise<ReadResult> {
  let text = begun;
  while (!text.trimEnd().endsWith(BLOCK_MARK)) {
    const next = await reader.read(prompt);
    if (next.kind === "interrupt") return { kind: "line", text: "" };
    if (next.kind === "end") return { kind: "line", text };
    text += `\n${next.text}`;
  }
  return {
    kind: "line",
    text: text
      .trimEnd()
      .slice(0, -BLOCK_MARK.length)
      .replace(/^\n|\n$/g, ""),
  };
}
