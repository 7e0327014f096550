import { formatBytes } from "../../../setup/format.ts";
import { GptOssError } from "../../errors.ts";
import { memoryOf } from "./placement.ts";
import type { WantedServer } from "./protocol.ts";
import type { Tenancy } from "./tenancy.ts";

/** The sentence for a server that does not fit beside those that are in use. */
export function refusal(wanted: WantedServer, inUse: readonly Tenancy[]): GptOssError {
  const names = inUse.map((tenancy) => `${tenancy.wanted.alias} (${describeUse(tenancy)})`).join(" and ");
  return new GptOssError(
    "server-failed",
    `${wanted.alias} takes about ${formatBytes(memoryOf(wanted))} of memory, which is not there beside ${names}.`,
    { hint: "End what uses it, or stop it with: npx gpt-oss serve stop" },
  );
}

function describeUse({ leases, wanted: { mode, contextPerSlot } }: Tenancy): string {
  const users = leases === 0 ? "kept by serve --detach" : `used by ${leases} program${leases === 1 ? "" : "s"}`;
  return `${users}, ${mode}, context ${contextPerSlot}`;
}
