import { describe, expect, it } from "@jest/globals";
import * as chains from "../../chains/index.ts";
import * as harmony from "../../src/harmony/index.ts";
import * as library from "../../src/index.ts";

/** What others build on: a name that goes or changes is a new major version, and stands in CHANGELOG.md. */
describe("the public API", () => {
  it("of langchain-gpt-oss has these values", () => {
    expect(Object.keys(library).toSorted().join("\n")).toMatchInlineSnapshot(`
     "ChatGptOss
     ConversationTooLongError
     DocumentIndex
     DocumentRetriever
     GptOssError
     HarmonyChannelOutputParser
     HarmonyOutputParser
     IncompleteAnswerError
     ServerTokenCounter
     Session
     SessionChatMessageHistory
     ToolError
     agentGuardMiddleware
     createBrowserTools
     createChatModel
     createChatPrompt
     createCodeTools
     createMemory
     createPythonTool
     createStreamingRunnable
     createTerminalApproval
     createTokenCounter
     createTool
     createTools
     findLostStructure
     formatCitation
     getPreamble
     getReasoning
     getTimings
     loadDocuments
     loadPrompt
     protectMarkdown
     runExperiment
     splitMarkdown
     splitText"
    `);
  });

  it("of langchain-gpt-oss/harmony has these values", () => {
    expect(Object.keys(harmony).toSorted().join("\n")).toMatchInlineSnapshot(`
     "BROWSER_NAMESPACE
     HarmonyParser
     PYTHON_NAMESPACE
     getHarmonyPurpose
     parseHarmony
     renderHarmony
     sanitizeControlTokens
     sanitizeControlTokensIn
     summarizeHarmony"
    `);
  });

  it("of langchain-gpt-oss/chains has these values", () => {
    expect(Object.keys(chains).toSorted().join("\n")).toMatchInlineSnapshot(`
     "createChainWithMemory
     createComparison
     createConversation
     createConversationChannels
     createConversationMessages
     createDocumentQA
     createExtractor
     createRouter
     createSummarizer
     createToolAgent
     createToolAgentChannels
     createToolAgentMessages
     createTranslator"
    `);
  });
});
