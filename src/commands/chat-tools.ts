import type { LineReader } from "../chat/line-reader.ts";
import type { InterfaceLanguage } from "../config/interface.ts";
import type { TextOutput } from "../chat/screen.ts";
import { approveByLine, type Approve } from "../tools/index.ts";

/** Asks with the chat's own line reader, which has the terminal already; Ctrl-C, Ctrl-D and the end of the turn refuse. */
export function approveInChat(reader: LineReader, output: TextOutput, language: InterfaceLanguage): Approve {
  return approveByLine(
    async (question, signal) => {
      const stopped = new Promise<undefined>((resolve) => {
        signal?.addEventListener("abort", () => {
          resolve(undefined);
        });
      });
      const answer = await Promise.race([reader.readNext(question), stopped]);
      return answer?.kind === "line" ? answer.text : undefined;
    },
    (text) => output.write(text),
    { language },
  );
}
