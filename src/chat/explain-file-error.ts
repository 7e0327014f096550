import { type GptOssError, systemCodeOf } from "../errors.ts";
import { failed } from "../failures/failure.ts";

/** What the operating system refused to do with a file or a folder, in a sentence; undefined when that is not what was thrown. */
export function explainFileError(thrown: unknown): GptOssError | undefined {
  const code = systemCodeOf(thrown);
  if (code === undefined || typeof thrown !== "object" || thrown === null) return undefined;
  if (!("path" in thrown) || typeof thrown.path !== "string") return undefined;
  return failed("unusablePath", [thrown.path, code], { cause: thrown });
}
