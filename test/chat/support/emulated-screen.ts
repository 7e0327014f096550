import headless from "@xterm/headless";

export interface EmulatedScreen {
  /** The lines as a reader sees them, without blanks at their ends. */
  readonly lines: readonly string[];
  readonly text: string;
}

/** What a terminal of this size shows after something was written to it. */
export async function emulate(written: string, columns = 80, rows = 200): Promise<EmulatedScreen> {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  await new Promise<void>((resolve) => {
    terminal.write(written, resolve);
  });
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? "");
  while (lines.at(-1) === "") lines.pop();
  terminal.dispose();
  return { lines, text: lines.join("\n") };
}
