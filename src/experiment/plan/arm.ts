import { basename } from "node:path";
import type { Prompt } from "../../prompts.ts";
import type { Experiment, Setting } from "../definition/experiment.ts";

/** One variant with one setting: what an experiment compares. */
export interface Arm {
  /** Variant and the settings that differ between arms: "summary-v2, low". */
  readonly id: string;
  readonly variant: Prompt;
  readonly setting: Setting;
}

/** Every variant with every setting, in the definition's order. */
export function armsOf({ variants, settings }: Pick<Experiment, "variants" | "settings">): readonly Arm[] {
  const describe = settingDescriber(settings);
  return settings.flatMap((setting) =>
    variants.map((variant) => {
      const words = describe(setting);
      return { id: words === "" ? variant.name : `${variant.name}, ${words}`, variant, setting };
    }),
  );
}

/** Names a setting by what not all settings have in common. */
function settingDescriber(settings: readonly Setting[]): (setting: Setting) => string {
  const differs = (read: (setting: Setting) => unknown) => new Set(settings.map(read)).size > 1;
  const words: ((setting: Setting) => string)[] = [];
  if (differs(({ model }) => model)) words.push(({ model }) => modelName(model, settings));
  if (differs(({ effort }) => effort)) words.push(({ effort }) => effort);
  if (differs(({ temperature }) => temperature)) words.push(({ temperature }) => `T=${temperature ?? "default"}`);
  if (differs(({ maxTokens }) => maxTokens)) words.push(({ maxTokens }) => `${maxTokens} tokens`);
  return (setting) => words.map((word) => word(setting)).join(", ");
}

/** A file by its name alone, where no other model is called so. */
function modelName(model: string | undefined, settings: readonly Setting[]): string {
  if (model === undefined) return "default model";
  const short = basename(model, ".gguf");
  const others = settings.flatMap((setting) => (setting.model === model ? [] : (setting.model ?? [])));
  return others.some((other) => basename(other, ".gguf") === short) ? model : short;
}

/**
 * What each arm is compared with: the baseline variant in the same setting; the baseline variant itself in another setting,
 * with itself in the first one. The first setting's baseline is compared with nothing.
 */
export function baselineOf(arm: Arm, arms: readonly Arm[], baseline: string): Arm | undefined {
  const candidates = arms.filter(({ variant }) => variant.name === baseline);
  const own = candidates.find(({ setting }) => setting === arm.setting);
  const found = own === arm ? candidates[0] : own;
  return found === arm ? undefined : found;
}
