import { describe, expect, it } from "@jest/globals";
import * as chains from "../../chains/index.ts";
import * as harmony from "../../src/harmony/index.ts";
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
     ToolError
     agentGuard
     approveByLine
     askOnTerminal
     chatPromptOf
     citationOf
     createChatModel
     createMemory
     createStreamingRunnable
     createTools
     defineTool
     describeToolEvent
     joinSystemMessages
     loadPrompt
     lostStructure
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
     sanitizeControlTokens
     sanitizeControlTokensIn
     sessionsFolder
     splitMarkdown
     splitText
     splitToolWords
     summarizeHarmony
     timingsOf
     tokenCounterOf"
    `);
  });

  it("of langchain-gpt-oss/harmony has these values", () => {
    expect(Object.keys(harmony).toSorted().join("\n")).toMatchInlineSnapshot(`
     "HarmonyParser
     parseHarmony
     purposeOf
     renderHarmony
     sanitizeControlTokens
     sanitizeControlTokensIn
     summarizeHarmony"
    `);
  });

  it("of langchain-gpt-oss/chains has these values", () => {
    expect(Object.keys(chains).toSorted().join("\n")).toMatchInlineSnapshot(`
     "agent
     agentChannels
     agentMessages
     askFiles
     compare
     conversation
     conversationChannels
     conversationMessages
     extract
     remembering
     route
     summarize
     translate"
    `);
  });
});
