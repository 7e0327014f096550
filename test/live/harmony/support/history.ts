import { z } from "zod";
import {
  BROWSER_NAMESPACE,
  type HarmonyNamespace,
  type HarmonyTool,
  type HistoryMessage,
  PYTHON_NAMESPACE,
  type RenderOptions,
} from "../../../../src/harmony/index.ts";
import type { ConversationRequest } from "./conversations.ts";

const callSchema = z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) });
const messageSchema = z.object({
  role: z.string(),
  content: z.string(),
  name: z.string().optional(),
  reasoning_content: z.string().optional(),
  tool_calls: z.array(callSchema).optional(),
  tool_call_id: z.string().optional(),
});
type ChatMessage = z.infer<typeof messageSchema>;

/** A request as a history and its options: what renderHarmony takes. */
export function historyOf(request: ConversationRequest): {
  readonly messages: readonly HistoryMessage[];
  readonly options: RenderOptions;
} {
  const messages = z.array(messageSchema).parse(request.messages);
  const calls = messages.flatMap(({ tool_calls = [] }) => tool_calls);
  const nameOf = (id: string | undefined) => calls.find((call) => call.id === id)?.function.name ?? "unknown";
  const kwargs: {
    readonly model_identity?: string;
    readonly current_date?: string;
    readonly builtin_tools?: readonly string[];
    readonly namespaces?: readonly HarmonyNamespace[];
    readonly recipients?: Readonly<Record<string, string>>;
  } = request.chat_template_kwargs ?? {};
  return {
    messages: messages.flatMap((message) =>
      historyMessages(message, nameOf(message.tool_call_id), kwargs.recipients ?? {}),
    ),
    options: {
      tools: toolsOf(request.tools ?? []),
      namespaces: [
        ...[BROWSER_NAMESPACE, PYTHON_NAMESPACE].filter(({ name }) => kwargs.builtin_tools?.includes(name)),
        ...(kwargs.namespaces ?? []),
      ],
      ...(request.reasoning_effort !== undefined && { reasoningEffort: request.reasoning_effort }),
      ...(kwargs.model_identity !== undefined && { modelIdentity: kwargs.model_identity }),
      ...(kwargs.current_date !== undefined && { currentDate: kwargs.current_date }),
    },
  };
}

function historyMessages(
  message: ChatMessage,
  toolName: string,
  recipients: Readonly<Record<string, string>>,
): readonly HistoryMessage[] {
  const { role, content, name, reasoning_content: reasoning, tool_calls: calls = [] } = message;
  if (role === "tool") return [{ role, name: recipients[toolName] ?? `functions.${toolName}`, content }];
  const said: HistoryMessage = { role, content, ...(name !== undefined && { name }) };
  if (role !== "assistant") return [said];
  const thinking: readonly HistoryMessage[] =
    reasoning === undefined ? [] : [{ role, channel: "analysis", content: reasoning }];
  if (calls.length === 0) return [...thinking, { ...said, channel: "final" }];
  return [
    ...thinking,
    ...calls.map(({ function: { name: called, arguments: given } }) => {
      const native = recipients[called];
      return native === undefined
        ? { role, channel: "commentary", recipient: `functions.${called}`, content: given }
        : { role, channel: "analysis", recipient: native, contentType: "code", content: given };
    }),
  ];
}

function toolsOf(tools: readonly object[]): readonly HarmonyTool[] {
  const schema = z.object({ function: z.custom<HarmonyTool>((value) => typeof value === "object") });
  return tools.map((tool) => schema.parse(tool).function);
}

/** The same request with its calls' arguments as a JSON string, which our template writes as the text in it. */
export function withArgumentsAsWritten(request: ConversationRequest): ConversationRequest {
  const messages = z.array(messageSchema).parse(request.messages);
  return { ...request, messages: messages.map(withQuotedArguments) };
}

function withQuotedArguments({ tool_calls: calls, ...message }: ChatMessage): object {
  return calls === undefined ? message : { ...message, tool_calls: calls.map(quoted) };
}

function quoted({ id, function: { name, arguments: text } }: z.infer<typeof callSchema>): object {
  return { id, type: "function", function: { name, arguments: JSON.stringify(text) } };
}
