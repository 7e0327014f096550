import { getSystemErrorMap } from "node:util";
import { failed } from "../failures/failure.ts";
import type { GptOssError } from "../errors.ts";

/** What becomes of a command whose output can't be written. */
export interface OutputErrors {
  /** Resolves once an error of everything that has been written so far is known. */
  readonly failure: () => Promise<GptOssError | undefined>;
}

/**
 * Watches the streams of the process. A reader that went away (`gpt-oss chat | head -1`) is not an error: the command ends quietly. A full
 * disk is: the command ends with a sentence, since what it should have written is lost. Errors on standard error can't be reported anywhere.
 * @param end ends the process with the error, or quietly
 */
export function watchOutput(
  { stdout, stderr }: Pick<NodeJS.Process, "stdout" | "stderr">,
  end: (failure: GptOssError | undefined) => void,
): OutputErrors {
  let failure: GptOssError | undefined;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") failure ??= failed("outputFailed", [systemMessageOf(error)], { cause: error });
    end(failure);
  });
  stderr.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") end(undefined);
  });
  return {
    // the streams of files report an error in the next round of the event loop
    failure: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return failure;
    },
  };
}

/** `No space left on device` */
function systemMessageOf({ errno = 0, message }: NodeJS.ErrnoException): string {
  const [, text = message] = getSystemErrorMap().get(errno) ?? [];
  return text.charAt(0).toUpperCase() + text.slice(1);
}
