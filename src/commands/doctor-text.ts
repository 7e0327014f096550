import { padTo, widthOf } from "../text/width.ts";
import type { Finding } from "./doctor-examine.ts";

/** A name, what is there, and under it what is wrong and how to mend it. */
export function describeFindings(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(...findings.map(({ name }) => widthOf(name)));
  return findings.flatMap(({ name, lines, problem, mend }) => {
    const said = [...lines, ...(problem === undefined ? [] : [`! ${problem}`]), ...(mend ? [`  ${mend}`] : [])];
    return said.map((line, place) => `${padTo(place === 0 ? name : "", width)}  ${line}`);
  });
}
