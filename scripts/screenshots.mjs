// Runs the real program with the demo model in a pseudo-terminal, and writes what its screen shows to docs/images/ as SVG.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";

const COLUMNS = 84;
const CELL = { width: 8.4, height: 18 };
/** The eight colours of a terminal, the first of them the background and the last the text; the picture follows its reader's scheme. */
const DARK = ["#1e1e2e", "#f38ba8", "#a6e3a1", "#f9e2af", "#89b4fa", "#f5c2e7", "#94e2d5", "#cdd6f4"];
const LIGHT = ["#eff1f5", "#d20f39", "#40a02b", "#b06f00", "#1e66f5", "#c2369d", "#12777c", "#3c3f54"];
const BACKGROUND = 0;
const FOREGROUND = 7;

const SHOTS = [
  {
    name: "chat-en",
    locale: "C",
    rows: 24,
    lines: ["My name is Alice.", "What is my name?", "/effort high", "Count to 12.", "/stats", "/context"],
  },
  {
    name: "chat-ja",
    locale: "ja_JP.UTF-8",
    rows: 14,
    lines: ["私の名前は花子です。", "私の名前は何ですか？", "/hepl", "/effort ultra", "/stats"],
  },
];

mkdirSync("docs/images", { recursive: true });
for (const shot of SHOTS) writeFileSync(`docs/images/${shot.name}.svg`, await shoot(shot));

async function shoot({ locale, rows, lines }) {
  const data = mkdtempSync(join(tmpdir(), "gpt-oss-screenshot-"));
  const terminal = new headless.Terminal({ cols: COLUMNS, rows, allowProposedApi: true });
  const environment = {
    ...process.env,
    LC_ALL: locale,
    GPT_OSS_DATA: data,
    GPT_OSS_CONFIG: join(data, "none"),
    NO_COLOR: "",
  };
  const pty = spawn(process.execPath, ["dist/src/cli.js", "chat", "--model", "demo"], {
    name: "xterm-256color",
    cols: COLUMNS,
    rows,
    env: environment,
  });
  let written = "";
  let heard = performance.now();
  pty.onData((text) => {
    written += text;
    heard = performance.now();
    terminal.write(text);
  });
  const prompts = () => written.split(locale === "C" ? "You: " : "あなた: ").length;
  for (const line of lines) {
    const before = prompts();
    await until(() => prompts() > 1 && performance.now() - heard > 400);
    pty.write(`${line}\r`);
    await until(() => prompts() > before && performance.now() - heard > 800);
  }
  const svg = svgOf(terminal, rows);
  pty.kill();
  rmSync(data, { recursive: true, force: true });
  return svg;
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}

function svgOf(terminal, rows) {
  const { active } = terminal.buffer;
  const texts = Array.from({ length: rows }, (_, row) => runsOf(active.getLine(active.viewportY + row), row)).flat();
  const [width, height] = [COLUMNS * CELL.width + 24, rows * CELL.height + 24];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, 'Noto Sans Mono CJK JP', monospace" font-size="14">`,
    `<style>${rulesOf(DARK)}@media (prefers-color-scheme: light) { ${rulesOf(LIGHT)} }</style>`,
    `<rect width="100%" height="100%" rx="8" class="c${BACKGROUND}"/>`,
    ...texts,
    "</svg>",
    "",
  ].join("\n");
}

/** Each character has its own place, so that the columns are those of the terminal in any font. */
function runsOf(line, row) {
  const runs = [];
  for (let column = 0; column < COLUMNS; column++) {
    const cell = line?.getCell(column);
    const text = cell?.getChars() ?? "";
    if (cell === undefined || text.trim() === "") continue;
    const colour = cell.isFgPalette() ? cell.getFgColor() % 8 : FOREGROUND;
    const style = `class="c${colour}"${cell.isBold() ? ' font-weight="bold"' : ""}${cell.isDim() ? ' opacity="0.6"' : ""}`;
    const last = runs.at(-1);
    const x = (12 + column * CELL.width).toFixed(1);
    if (last?.style === style) {
      last.xs.push(x);
      last.text += text;
    } else runs.push({ style, xs: [x], text });
  }
  const y = 12 + (row + 0.75) * CELL.height;
  return runs.map(({ style, xs, text }) => `<text x="${xs.join(" ")}" y="${y}" ${style}>${escaped(text)}</text>`);
}

function rulesOf(colours) {
  return colours.map((colour, index) => `.c${index} { fill: ${colour} } `).join("");
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
