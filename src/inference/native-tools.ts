import { z } from "zod";
import type { HarmonyNamespace, HarmonyTool } from "../harmony/index.ts";
import type { ServerCapabilities } from "./capabilities.ts";
import type { NativeTool, ToolDefinition } from "./messages.ts";

/** A `native` field of a tool in OpenAI's form, which comes back from LangChain as it was given. */
export const nativeToolSchema = z.looseObject({
  namespace: z.string(),
  description: z.string().optional(),
  function: z.custom<HarmonyTool>((value) => typeof value === "object" && value !== null && "name" in value).optional(),
  textArgument: z.string().optional(),
  aliases: z.array(z.string()).optional(),
});

/** By what the model calls a native tool: `browser.search`, `python`. */
export function recipientOf({ namespace, function: declared }: NativeTool): string {
  return declared === undefined ? namespace : `${namespace}.${declared.name}`;
}

/** The name of a native tool where names hold no dots: `browser_search`. The one place where names are mapped. */
export function functionNameOf(native: NativeTool): string {
  return recipientOf(native).replaceAll(".", "_");
}

/** A tool that is declared in the system message. */
export interface OfferedNativeTool extends NativeTool {
  /** Its name in a request and in an answer. */
  readonly name: string;
}

/** The tools of a request: ordinary functions, and those that the prompt declares as gpt-oss knows them. */
export class OfferedNativeTools {
  /** The others, in their order. */
  readonly functions: readonly ToolDefinition[];
  readonly tools: readonly OfferedNativeTool[];
  readonly #byRecipient: ReadonlyMap<string, OfferedNativeTool>;

  constructor(tools: readonly ToolDefinition[], { mode, isLlamaServer, hasOwnTemplate }: ServerCapabilities) {
    const areDeclared = isLlamaServer && hasOwnTemplate && mode !== "split";
    this.functions = tools.filter(({ native }) => !areDeclared || native === undefined);
    this.tools = tools.flatMap(({ name, native }) => (areDeclared && native ? [{ ...native, name }] : []));
    this.#byRecipient = new Map(
      this.tools.flatMap((tool) =>
        [...(tool.aliases ?? []), tool.name, recipientOf(tool)].map((recipient) => [recipient, tool] as const),
      ),
    );
  }

  /** The fields for the chat template; none without such tools. */
  get templateFields(): {
    readonly namespaces?: readonly HarmonyNamespace[];
    readonly recipients?: Readonly<Record<string, string>>;
  } {
    if (this.tools.length === 0) return {};
    const recipients = Object.fromEntries(this.tools.map((tool) => [tool.name, recipientOf(tool)]));
    return { namespaces: this.#namespaces(), recipients };
  }

  /** The tool that a recipient means, with `functions.` before it or a content type glued to it. */
  find(recipient: string): OfferedNativeTool | undefined {
    const bare = recipient.replace(/^functions\./, "");
    return this.#byRecipient.get(bare) ?? this.#byRecipient.get(bare.replace(/(?:json|code)$/, ""));
  }

  /** What the model wrote to a tool that takes text; undefined for other tools. */
  writtenText(name: string, written: string): string | undefined {
    const { textArgument } = this.tools.find((tool) => tool.name === name) ?? {};
    if (textArgument === undefined) return undefined;
    // a call that was cut lacks its end
    for (const text of [written, `${written}"}`]) {
      const given = argumentSchema.safeParse(parseJson(text)).data?.[textArgument];
      if (typeof given === "string") return given;
    }
    return written;
  }

  #namespaces(): readonly HarmonyNamespace[] {
    const names = [...new Set(this.tools.map(({ namespace }) => namespace))];
    return names.map((name) =>
      namespaceOf(
        this.tools.filter(({ namespace }) => namespace === name),
        name,
      ),
    );
  }
}

function namespaceOf(members: readonly NativeTool[], name: string): HarmonyNamespace {
  const description = members.find((member) => member.description !== undefined)?.description;
  const functions = members.flatMap((member) => member.function ?? []);
  return { name, ...(description !== undefined && { description }), ...(functions.length > 0 && { functions }) };
}

const argumentSchema = z.record(z.string(), z.unknown());

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // judged by the schema
  }
}
