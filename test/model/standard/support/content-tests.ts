import { HumanMessage, type MessageContent } from "@langchain/core/messages";
import { expect } from "@jest/globals";
import { expectAnswer, NotSupportedError, type StandardTest, type Subject } from "./standard-test.ts";

/** One red pixel. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
/** No sound. */
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";
const HELLO = Buffer.from("Hello").toString("base64");

/** What LangChain's standard integration tests cover with blocks of content. */
export const CONTENT_TESTS: readonly StandardTest[] = [
  {
    name: "reads a block of text",
    run: async (subject) => {
      await expectAnswers(subject, [{ type: "text", text: "Hello" }]);
    },
  },
  {
    name: "reads an image",
    run: async (subject) => {
      const image = { type: "image", source_type: "base64", data: PNG, mime_type: "image/png" };
      const url = { type: "image", source_type: "url", url: `data:image/png;base64,${PNG}` };
      await expectAnswersIf(subject, "imageInputs", [[image], [url]]);
    },
  },
  {
    name: "hears a sound",
    run: async (subject) => {
      const sound = { type: "audio", source_type: "base64", data: WAV, mime_type: "audio/wav" };
      await expectAnswersIf(subject, "audioInputs", [[sound]]);
    },
  },
  {
    name: "reads a text file",
    run: async (subject) => {
      const metadata = { filename: "hello.txt" };
      const data = `data:text/plain;base64,${HELLO}`;
      await expectAnswers(subject, [{ type: "file", source_type: "text", text: "Hello", metadata }]);
      await expectAnswers(subject, [
        { type: "file", source_type: "base64", data: HELLO, mime_type: "text/plain", metadata },
      ]);
      await expectAnswers(subject, [
        { type: "file", source_type: "url", url: data, mime_type: "text/plain", metadata },
      ]);
    },
  },
];

async function expectAnswers({ create }: Subject, content: MessageContent): Promise<void> {
  expectAnswer(await create().invoke([new HumanMessage({ content })]));
}

/** A class may declare that its model can't do this. Then a request has to fail with one sentence. */
async function expectAnswersIf(
  subject: Subject,
  capability: "imageInputs" | "audioInputs",
  contents: readonly MessageContent[],
): Promise<void> {
  const isDeclared = subject.create().profile[capability] === false;
  for (const content of contents) {
    if (!isDeclared) await expectAnswers(subject, content);
    else {
      await expect(expectAnswers(subject, content)).rejects.toMatchObject({
        message: expect.stringMatching(/^[^\n]+$/),
        code: expect.stringMatching(/./),
      });
    }
  }
  if (isDeclared) throw new NotSupportedError(capability);
}
