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
