import type { Backend } from "../../setup/platform.ts";

/** Flags of `gpt-oss setup`. */
export interface SetupFlags {
  readonly model: string;
  readonly gpu: Backend | "auto";
  readonly jobs?: number;
  readonly withRpc?: boolean;
  readonly llamaServer?: string;
  readonly dryRun?: boolean;
  readonly platform?: string;
  readonly list?: boolean;
  readonly remove?: string;
  readonly yes?: boolean;
}
