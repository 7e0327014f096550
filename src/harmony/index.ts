export type { HarmonyEvent, HarmonyHeader, HarmonyMessage } from "./message.ts";
export { HarmonyOutputParser, type HarmonyPart, HarmonyPartsParser } from "./output-parser.ts";
export { type HarmonyOptions, HarmonyParser, parseHarmony } from "./parser.ts";
export { type HarmonyPurpose, type HarmonySummary, purposeOf, summarizeHarmony } from "./summarize.ts";
