import { failed } from "../../failures/failure.ts";
import type { Case } from "../definition/read-cases.ts";
import type { Arm } from "./arm.ts";

/** Which part of an experiment is run. */
export interface Selection {
  /** Only the first so many cases. */
  readonly limit?: number | undefined;
  /** `variant=NAME`, `case=ID`, `effort=…`, `model=…` or `temperature=…`, with `*` for any text; all kinds named have to fit, of one kind any. */
  readonly only?: readonly string[] | undefined;
}

const KINDS = ["variant", "case", "effort", "model", "temperature"] as const;
type Kind = (typeof KINDS)[number];

/** @throws GptOssError `usage` for an --only that is none or leaves nothing */
export function select(
  { arms, cases }: { readonly arms: readonly Arm[]; readonly cases: readonly Case[] },
  { limit, only = [] }: Selection,
): { readonly arms: readonly Arm[]; readonly cases: readonly Case[] } {
  const filters = only.map(readFilter);
  const fits = (kind: Kind, value: string | number | undefined) => {
    const patterns = filters.filter((filter) => filter.kind === kind);
    return patterns.length === 0 || patterns.some(({ pattern }) => pattern.test(String(value ?? "default")));
  };
  const chosen = {
    arms: arms.filter(
      ({ variant, setting }) =>
        fits("variant", variant.name) &&
        fits("effort", setting.effort) &&
        fits("model", setting.model) &&
        fits("temperature", setting.temperature),
    ),
    cases: cases.filter(({ id }) => fits("case", id)).slice(0, limit),
  };
  if (chosen.arms.length > 0 && chosen.cases.length > 0) return chosen;
  throw failed("nothingSelected", [
    `--only ${only.join(" --only ")}`,
    namesOf(arms.map(({ variant }) => variant.name)),
    namesOf(cases.map(({ id }) => id)),
  ]);
}

function readFilter(text: string): { readonly kind: Kind; readonly pattern: RegExp } {
  const [, kind, value] = /^(\w+)=(.+)$/su.exec(text) ?? [];
  const known = KINDS.find((candidate) => candidate === kind);
  if (known === undefined || value === undefined) {
    throw failed("badSelection", [text, KINDS.join(", ")]);
  }
  const escaped = value.split("*").map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`));
  return { kind: known, pattern: new RegExp(`^${escaped.join(".*")}$`, "su") };
}

function namesOf(names: readonly string[]): string {
  const unique = [...new Set(names)];
  return unique.length > 8 ? `${unique.slice(0, 8).join(", ")}, …` : unique.join(", ");
}
