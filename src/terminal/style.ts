import { CONTROLS } from "./untrusted-text.ts";

/** Makes a text look like something; without colours it is the text itself. */
export type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly italic: Paint;
  readonly underline: Paint;
  readonly strike: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
  readonly magenta: Paint;
  readonly cyan: Paint;
  /** The address behind a text; where it can't be clicked the text alone. */
  readonly link: (address: string) => Paint;
  readonly canLink: boolean;
}

export const asItIs: Paint = (text) => text;

const OSC = "\x1b]";
const ST = "\x1b\\";

export function createStyle({ colour, hyperlinks }: Abilities): Style {
  const sgr = (on: number, off: number): Paint => (colour ? (text) => `\x1b[${on}m${text}\x1b[${off}m` : asItIs);
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    italic: sgr(3, 23),
    underline: sgr(4, 24),
    strike: sgr(9, 29),
    red: sgr(31, 39),
    green: sgr(32, 39),
    yellow: sgr(33, 39),
    blue: sgr(34, 39),
    magenta: sgr(35, 39),
    cyan: sgr(36, 39),
    link: (address) =>
      hyperlinks ? (text) => `${OSC}8;;${withoutControls(address)}${ST}${text}${OSC}8;;${ST}` : asItIs,
    canLink: hyperlinks,
  };
}

export function both(one: Paint, other: Paint): Paint {
  if (one === asItIs) return other;
  return other === asItIs ? one : (text) => one(other(text));
}

/** A text that can't steer the terminal: what a model, a file or a session says is shown, never obeyed. */
export function withoutControls(text: string): string {
  return text.replaceAll(CONTROLS, "");
}

/** An output as far as it matters what it can show. */
interface Output {
  readonly isTTY?: boolean | undefined;
}

export interface Abilities {
  /** Colours, bold and dim. */
  readonly colour: boolean;
  /** Lines that are drawn over: progress and the thinking line. */
  readonly redraw: boolean;
  /** OSC 8: text that can be clicked. */
  readonly hyperlinks: boolean;
}

const LINKING_PROGRAMS = new Set(["iTerm.app", "WezTerm", "ghostty", "vscode", "Hyper", "Tabby", "rio"]);
/** VTE shows links from 0.50 on. */
const LINKING_VTE = 5000;

/** What a terminal can show: nothing special when it is none, is dumb, or NO_COLOR (any value that is not empty) asks for none. */
export function abilitiesOf(output: Output, environment: Readonly<Record<string, string | undefined>>): Abilities {
  const redraw = output.isTTY === true && environment["TERM"] !== "dumb";
  const colour = redraw && !environment["NO_COLOR"];
  return { redraw, colour, hyperlinks: colour && showsLinks(environment) };
}

/** Terminals that don't know OSC 8 may print the address as rubbish, so that only known ones get it. */
function showsLinks(environment: Readonly<Record<string, string | undefined>>): boolean {
  // inside tmux and screen it is theirs to pass on, and older ones don't
  if (/^(screen|tmux)/.test(environment["TERM"] ?? "")) return false;
  return (
    LINKING_PROGRAMS.has(environment["TERM_PROGRAM"] ?? "") ||
    environment["TERM"] === "xterm-kitty" ||
    environment["WT_SESSION"] !== undefined ||
    Number(environment["VTE_VERSION"] ?? 0) >= LINKING_VTE
  );
}
