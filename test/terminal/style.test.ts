import { describe, expect, it } from "@jest/globals";
import { abilitiesOf } from "../../src/terminal/style.ts";

describe("abilitiesOf", () => {
  const tty = { isTTY: true };
  it.each([
    [tty, { TERM: "xterm-256color" }, { redraw: true, colour: true, hyperlinks: false }],
    [tty, { TERM: "xterm-256color", NO_COLOR: "1" }, { redraw: true, colour: false, hyperlinks: false }],
    [tty, { TERM: "xterm-256color", NO_COLOR: "" }, { redraw: true, colour: true, hyperlinks: false }],
    [tty, { TERM: "dumb" }, { redraw: false, colour: false, hyperlinks: false }],
    [tty, { TERM: "xterm-kitty" }, { redraw: true, colour: true, hyperlinks: true }],
    [tty, { TERM: "xterm", VTE_VERSION: "6003" }, { redraw: true, colour: true, hyperlinks: true }],
    [tty, { TERM: "tmux-256color", VTE_VERSION: "6003" }, { redraw: true, colour: true, hyperlinks: false }],
    [{ isTTY: false }, { TERM: "xterm" }, { redraw: false, colour: false, hyperlinks: false }],
    [{}, {}, { redraw: false, colour: false, hyperlinks: false }],
  ])("of %j in %j", (output, environment, abilities) => {
    expect(abilitiesOf(output, environment)).toEqual(abilities);
  });
});
