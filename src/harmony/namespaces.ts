import type { HarmonyTool, JsonSchema } from "./function-schema.ts";

/** Tools that stand in the system message under a name of their own. The model calls them as `name`, or as `name.function`. */
export interface HarmonyNamespace {
  readonly name: string;
  readonly description?: string;
  /** Without functions the tool takes text, as `python` takes code. */
  readonly functions?: readonly HarmonyTool[];
}

/** The `python` tool of gpt-oss's training, in the words of its training. */
export const PYTHON_NAMESPACE: HarmonyNamespace = {
  name: "python",
  description:
    "Use this tool to execute Python code in your chain of thought. The code will not be shown to the user. This tool should be used for internal " +
    "reasoning, but not for code that is intended to be visible to the user (e.g. when creating plots, tables, or files).\n\n" +
    "When you send a message containing Python code to python, it will be executed in a stateful Jupyter notebook environment. python will respond " +
    "with the output of the execution or time out after 120.0 seconds. The drive at '/mnt/data' can be used to save and persist user files. Internet " +
    "access for this session is UNKNOWN. Depends on the cluster.",
};

/** The `browser` tool of gpt-oss's training, in the words of its training. */
export const BROWSER_NAMESPACE: HarmonyNamespace = {
  name: "browser",
  description:
    "Tool for browsing.\nThe `cursor` appears in brackets before each browsing display: `[{cursor}]`.\n" +
    "Cite information from the tool using the following format:\n" +
    "`【{cursor}†L{line_start}(-L{line_end})?】`, for example: `【6†L9-L11】` or `【8†L3】`.\n" +
    "Do not quote more than 10 words directly from the tool output.\nsources=web (default: web)",
  functions: [
    {
      name: "search",
      description: "Searches for information related to `query` and displays `topn` results.",
      parameters: {
        type: "object",
        properties: {
          query: { type: "string" },
          topn: { type: "number", default: 10 },
          source: { type: "string" },
        },
        required: ["query"],
      },
    },
    {
      name: "open",
      description:
        "Opens the link `id` from the page indicated by `cursor` starting at line number `loc`, showing `num_lines` lines.\n" +
        "Valid link ids are displayed with the formatting: `【{id}†.*】`.\n" +
        "If `cursor` is not provided, the most recent page is implied.\n" +
        "If `id` is a string, it is treated as a fully qualified URL associated with `source`.\n" +
        "If `loc` is not provided, the viewport will be positioned at the beginning of the document or centered on the most relevant passage, if available.\n" +
        "Use this function without `id` to scroll to a new location of an opened page.",
      parameters: {
        type: "object",
        properties: {
          id: { type: ["number", "string"], default: -1 },
          cursor: { type: "number", default: -1 },
          loc: { type: "number", default: -1 },
          num_lines: { type: "number", default: -1 },
          view_source: { type: "boolean", default: false },
          source: { type: "string" },
        },
      },
    },
    {
      name: "find",
      description: "Finds exact matches of `pattern` in the current page, or the page given by `cursor`.",
      parameters: {
        type: "object",
        properties: { pattern: { type: "string" }, cursor: { type: "number", default: -1 } },
        required: ["pattern"],
      },
    },
  ],
};

/** Whether a call's recipient, or a result's author, belongs to one of the namespaces. */
export function isInNamespace(recipient: string, namespaces: readonly HarmonyNamespace[]): boolean {
  return namespaces.some(({ name, functions = [] }) =>
    functions.length === 0 ? recipient === name : recipient.startsWith(`${name}.`),
  );
}

/** The part of the system message that declares the namespaces; empty without any. */
export function renderNamespaces(
  namespaces: readonly HarmonyNamespace[],
  typeOf: (schema: JsonSchema) => string,
): string {
  if (namespaces.length === 0) return "";
  return `# Tools\n\n${namespaces.map((namespace) => `${namespaceText(namespace, typeOf)}\n\n`).join("")}`;
}

function namespaceText(
  { name, description = "", functions = [] }: HarmonyNamespace,
  typeOf: (schema: JsonSchema) => string,
): string {
  if (functions.length === 0) return `## ${name}\n\n${description}`;
  const body = functions.map(
    (tool) => `${comment(tool.description)}type ${tool.name} = ${signature(tool, typeOf)};\n\n`,
  );
  return `## ${name}\n\n${comment(description)}namespace ${name} {\n\n${body.join("")}} // namespace ${name}`;
}

/** Unlike functions in the developer message, a default stands behind the comma and ends the line. */
function signature({ parameters }: HarmonyTool, typeOf: (schema: JsonSchema) => string): string {
  const { properties = {}, required = [] } = parameters ?? {};
  const lines = Object.entries(properties).map(([name, schema]) => {
    const value = schema.default === undefined ? "" : ` // default: ${JSON.stringify(schema.default)}`;
    return `${comment(schema.description)}${name}${required.includes(name) ? "" : "?"}: ${typeOf(schema)},${value}\n`;
  });
  return lines.length === 0 ? "() => any" : `(_: {\n${lines.join("")}}) => any`;
}

function comment(text = ""): string {
  return text === "" ? "" : `// ${text.replaceAll("\n", "\n// ")}\n`;
}
