import headless from "@xterm/headless";

export interface EmulatedScreen {
  /** The lines as a reader sees them, without blanks at their ends. */
  readonly lines: readonly string[];
  readonly text: string;
  /** The first line, each character with its look: `b` bold, `i` italic, `u` underlined, `s` struck, `d` dim, and its colour. */
  readonly looks: string;
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
  const looks = Array.from({ length: columns }, (_, column) => {
    const cell = active.getLine(0)?.getCell(column);
    if (cell === undefined || cell.getChars().trim() === "") return " ";
    const flags: readonly [number, string][] = [
      [cell.isBold(), "b"],
      [cell.isItalic(), "i"],
      [cell.isUnderline(), "u"],
      [cell.isStrikethrough(), "s"],
      [cell.isDim(), "d"],
    ];
    return cell.getChars() + flags.map(([on, letter]) => (on ? letter : "")).join("") + cell.getFgColor();
  })
    .join("")
    .trimEnd();
  terminal.dispose();
  return { lines, text: lines.join("\n"), looks };
}
