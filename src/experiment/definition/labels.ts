import { z } from "zod";
import { type GptOssError, messageOf } from "../../errors.ts";
import { failed, reason } from "../../failures/failure.ts";
import { readText } from "./read-cases.ts";

const labelSchema = z.strictObject({
  /** Name of the check that is labelled. */
  check: z.string(),
  case: z.string(),
  /** The answer that was judged, word for word: a label outlives no change of it. */
  answer: z.string(),
  /** What a person says; null for one that nobody has judged yet. */
  pass: z.boolean().nullable(),
});

/** What a person says of one answer. */
export type Label = z.infer<typeof labelSchema>;

/** @throws GptOssError `usage` that names file and line */
export function readLabels(path: string): readonly Label[] {
  return readText(path)
    .split("\n")
    .flatMap((line, index) => {
      if (line.trim() === "") return [];
      const label = labelSchema.safeParse(readJson(line, path, index + 1));
      if (label.success) return [label.data];
      const [issue] = label.error.issues;
      throw wrong(path, index + 1, `${issue?.path.join(".") || "the label"}: ${issue?.message ?? "is no label"}`);
    });
}

function readJson(text: string, path: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(path, line, messageOf(error));
  }
}

function wrong(path: string, line: number, what: string): GptOssError {
  return failed("badLabels", [path, reason("atLine", line, what.replace(/\.$/, ""))]);
}
