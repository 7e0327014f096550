import { formatBytes } from "../../../setup/format.ts";
import type { GptOssError } from "../../errors.ts";
import { failed } from "../../failures/failure.ts";
import { memoryOf } from "./placement.ts";
import type { WantedServer } from "./protocol.ts";
import type { Tenancy } from "./tenancy.ts";

/** The sentence for a server that does not fit beside those that are in use. */
export function refusal(wanted: WantedServer, inUse: readonly Tenancy[]): GptOssError {
  const names = inUse.map((tenancy) => `${tenancy.wanted.alias} (${describeUse(tenancy)})`).join(" and ");
  return failed("noMemoryLeft", [wanted.alias, formatBytes(memoryOf(wanted)), names]);
}

function describeUse({ leases, wanted: { mode, contextPerSlot } }: Tenancy): string {
  const users = leases === 0 ? "kept by serve --detach" : `used by ${leases} program${leases === 1 ? "" : "s"}`;
  return `${users}, ${mode}, context ${contextPerSlot}`;
}
