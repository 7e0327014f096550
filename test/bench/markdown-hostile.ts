import { inPieces, render } from "../chat/support/render.ts";
import { compareSpeeds, type SpeedRow } from "./measure.ts";

/** Characters. */
const SIZES = [20_000, 80_000];

const HOSTILE = ["[", "**", "`", "<a ", "|", "> ", "- ", "_a", "\\("];

/** The speed of the Markdown renderer on hostile text as it grows: where the time is linear, the ratio stays near one. */
export function benchHostileMarkdown(): Promise<readonly SpeedRow[]> {
  return Promise.resolve(
    HOSTILE.flatMap((repeated) => {
      const [smallest, ...others] = SIZES.map((size) => {
        const pieces = inPieces(repeated.repeat(size / repeated.length), 50);
        return { what: `${repeated}, ${size / 1_000} kB`, bytes: size, run: () => render(pieces) };
      });
      return smallest === undefined ? [] : compareSpeeds(smallest, others, 1);
    }),
  );
}
