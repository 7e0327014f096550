import { beforeAll, describe, expect, it } from "@jest/globals";
import { type HarmonyMessage, parseHarmony } from "../../src/harmony/index.ts";
import { sized } from "../support/full-size.ts";
import { Choices, wellFormedCompletion } from "./support/conversations.ts";
import { loadOfficialCore, type OfficialCore, type OfficialMessage } from "./support/official.ts";

const CONVERSATIONS = sized(1_000, 10_000);
const A_BATCH = 500;

let official: OfficialCore;
beforeAll(async () => {
  official = await loadOfficialCore();
});

describe("against OpenAI's own parser", () => {
  it.each(Array.from({ length: Math.ceil(CONVERSATIONS / A_BATCH) }, (_, batch) => batch))(
    "reads well-formed conversations alike, batch %i",
    (batch) => {
      for (let index = 0; index < A_BATCH; index++) {
        const text = wellFormedCompletion(new Choices(batch * A_BATCH + index));
        const theirs = official.parse(official.encode(text)).map(asOurs);
        const ours = parseHarmony(text).map(withoutEnd);
        expect({ text, messages: ours }).toEqual({ text, messages: theirs });
      }
    },
  );
});

/** Theirs do not say how they ended. */
function withoutEnd(message: HarmonyMessage): object {
  const { ended, ...rest } = message;
  return typeof ended === "boolean" ? rest : message;
}

/** Their content type has the marker in it, and text can come in parts. */
function asOurs({ content, content_type: type, ...header }: OfficialMessage): object {
  return {
    ...header,
    ...(type !== undefined && { contentType: type.replace("<|constrain|>", "") }),
    content: typeof content === "string" ? content : content.map(({ text }) => text).join(""),
  };
}
