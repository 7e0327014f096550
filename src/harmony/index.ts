/** The harmony format of gpt-oss: reading what the model writes, writing what it reads, and making untrusted text safe. */
export type { HarmonyEvent, HarmonyHeader, HarmonyMessage } from "./format.ts";
export type { HarmonyTool, JsonSchema } from "./function-schema.ts";
export { BROWSER_NAMESPACE, type HarmonyNamespace, PYTHON_NAMESPACE } from "./namespaces.ts";
export { sanitizeControlTokens, sanitizeControlTokensIn } from "./sanitize.ts";
export { type HarmonyOptions, HarmonyParser, parseHarmony } from "./parser.ts";
export { type HistoryMessage, renderHarmony, type RenderOptions } from "./render.ts";
export { type HarmonyPurpose, type HarmonySummary, getHarmonyPurpose, summarizeHarmony } from "./format.ts";
