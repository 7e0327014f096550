import { fitsInMemory } from "../context-size.ts";
import type { WantedServer } from "./protocol.ts";

/** A server that is there, as far as it matters for whether it will do. */
export interface PresentServer {
  /** What it was started for, with its present size. */
  readonly wanted: WantedServer;
  readonly port: number;
  readonly apiKey: string;
  /** Leases, or that it shall stay until it is stopped. */
  readonly inUse: boolean;
}

/** How a wish is met. */
export type Placement<T extends PresentServer> =
  | { readonly kind: "share"; readonly server: T }
  /** Restart it larger, on the same address, as soon as it is idle. */
  | { readonly kind: "resize"; readonly server: T; readonly contextPerSlot: number; readonly slots: number }
  /** Start another one; those that nobody uses are stopped first. */
  | { readonly kind: "start"; readonly stopFirst: readonly T[] }
  /** It does not fit beside those that are in use. */
  | { readonly kind: "refuse"; readonly inUse: readonly T[] };

/**
 * Decides how a wish is met, so that no model is loaded twice where once will do: a server of the same identity is shared,
 * or restarted larger; one that nobody uses makes room; and where those in use leave no room, the wish is refused.
 */
export function place<T extends PresentServer>(
  wanted: WantedServer,
  present: readonly T[],
  totalMemory: number,
): Placement<T> {
  const alike = present.filter((server) => isAlike(wanted, server));
  const fitting = alike.find((server) => isLargeEnough(wanted, server.wanted));
  if (fitting) return { kind: "share", server: fitting };
  const growing = alike.find((server) => server.inUse && mayGrow(wanted, server.wanted));
  if (growing) return { kind: "resize", server: growing, ...sizeForBoth(wanted, growing.wanted) };
  const inUse = present.filter((server) => server.inUse);
  const together = [wanted, ...inUse.map((server) => server.wanted)];
  const bytes = together.reduce((sum, server) => sum + memoryOf(server), 0);
  if (inUse.length > 0 && !fitsInMemory(bytes, totalMemory)) return { kind: "refuse", inUse };
  return { kind: "start", stopFirst: present.filter((server) => !server.inUse) };
}

/** Of one identity, and reachable under the address and key that are wanted. */
function isAlike(wanted: WantedServer, { wanted: given, port, apiKey }: PresentServer): boolean {
  return (
    wanted.identity === given.identity &&
    (wanted.port === 0 || wanted.port === port) &&
    (wanted.host === undefined || wanted.host === given.host) &&
    (wanted.apiKey === undefined || wanted.apiKey === apiKey)
  );
}

function isLargeEnough(wanted: WantedServer, given: WantedServer): boolean {
  const context = wanted.exactContext
    ? given.contextPerSlot === wanted.contextPerSlot
    : given.contextPerSlot >= wanted.contextPerSlot;
  return context && given.slots >= wanted.slots;
}

/** Whether one size can serve both: an exact context that differs from another exact one can't. */
function mayGrow(wanted: WantedServer, given: WantedServer): boolean {
  const { contextPerSlot } = sizeForBoth(wanted, given);
  return (
    (!wanted.exactContext || contextPerSlot === wanted.contextPerSlot) &&
    (!given.exactContext || contextPerSlot === given.contextPerSlot)
  );
}

function sizeForBoth(one: WantedServer, other: WantedServer) {
  return {
    contextPerSlot: Math.max(one.contextPerSlot, other.contextPerSlot),
    slots: Math.max(one.slots, other.slots),
  };
}

export function memoryOf({ weightBytes, cacheBytesPerToken, contextPerSlot, slots }: WantedServer): number {
  return weightBytes + cacheBytesPerToken * contextPerSlot * slots;
}
