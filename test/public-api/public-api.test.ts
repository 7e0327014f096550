import { spawnSync } from "node:child_process";
import { describe, expect, it } from "@jest/globals";
import * as chains from "../../chains/index.ts";
import { packageFile } from "../../setup/package-folder.ts";
import * as library from "../../src/index.ts";

/** What others build on: a name that goes or changes is a new major version, and stands in CHANGELOG.md. */
describe("the public API", () => {
  it("of langchain-gpt-oss has these values", () => {
    expect(Object.keys(library).toSorted().join("\n")).toMatchInlineSnapshot(`
     "AgentTurn
     ChatGptOss
     ConversationTooLongError
     DocumentIndex
     EFFORTS
     GptOssError
     HarmonyOutputParser
     HarmonyParser
     HarmonyPartsParser
     IncompleteAnswerError
     Memory
     STRATEGIES
     ServerTokenCounter
     Session
     SessionHistory
     SwitchableTools
     TOOL_KINDS
     TOOL_WORDS
     ToolFailure
     agentGuard
     approveByLine
     askOnTerminal
     chatPromptOf
     citationOf
     createChatModel
     createMemory
     createTools
     defineTool
     describeToolEvent
     endedByLeaving
     joinSystemMessages
     loadPrompt
     lostStructure
     neutralizeControlTokens
     neutralizeControlTokensIn
     newSessionId
     parseHarmony
     parsePrompt
     parseToolSpec
     preambleOf
     promptNames
     protectMarkdown
     purposeOf
     readDocuments
     reasoningOf
     refuseAll
     renderHarmony
     runExperiment
     sessionsFolder
     splitMarkdown
     splitText
     splitToolWords
     summarizeHarmony
     timingsOf
     tokenCounterOf
     unlessObserved"
    `);
  });

  it("of langchain-gpt-oss/chains has these values", () => {
    expect(Object.keys(chains).toSorted().join("\n")).toMatchInlineSnapshot(`
     "agent
     agentChannels
     askFiles
     compare
     conversation
     conversationChannels
     extract
     remembering
     route
     summarize
     translate"
    `);
  });

  it("is documented, each export of it, and all links resolve (npm run docs:api)", () => {
    const words = [packageFile("node_modules/typedoc/bin/typedoc"), "--emit", "none", "--logLevel", "Warn"];
    const { stdout, stderr, status } = spawnSync(process.execPath, words, { cwd: packageFile(""), encoding: "utf8" });
    expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "", status: 0 });
  }, 120_000);
});
