import type { GptOssError } from "../errors/errors.ts";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import { sendServerRequest } from "./http.ts";
import { fitsInMemory } from "./memory-estimate.ts";
import { type Gateway, type WantedServer, describeAsFailure, type Reply, type ServerStatus } from "./protocol.ts";
import { SupervisedServer } from "./supervised-server.ts";

/** A running server, as far as its use for a request depends on it. */
export interface PresentServer {
  /** What it was started for, with its present size. */
  readonly wanted: WantedServer;
  readonly port: number;
  readonly apiKey: string;
  /** Ports of the gateways in front of it. */
  readonly gatewayPorts: readonly number[];
  /** Leases, or that it shall stay until it is stopped. */
  readonly inUse: boolean;
  /** It has less than was asked for, because loading ran out of memory: it is not made larger. */
  readonly isReduced?: boolean | undefined;
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
  const fitting = alike.find((server) => isLargeEnough(wanted, server));
  if (fitting) return { kind: "share", server: fitting };
  const growing = alike.find((server) => server.inUse && !server.isReduced && mayGrow(wanted, server.wanted));
  if (growing) return { kind: "resize", server: growing, ...sizeForBoth(wanted, growing.wanted) };
  const inUse = present.filter((server) => server.inUse);
  const together = [wanted, ...inUse.map((server) => server.wanted)];
  const bytes = together.reduce((sum, server) => sum + memoryOf(server), 0);
  if (inUse.length > 0 && !fitsInMemory(bytes, totalMemory)) return { kind: "refuse", inUse };
  return { kind: "start", stopFirst: present.filter((server) => !server.inUse) };
}

/**
 * Of one identity, and reachable under the address and key that are wanted. A chat and a gateway that take the same port from the
 * settings share a server: the gateway has the port.
 */
function isAlike(wanted: WantedServer, { wanted: given, port, apiKey, gatewayPorts }: PresentServer): boolean {
  return (
    wanted.identity === given.identity &&
    (wanted.port === 0 || wanted.port === port || gatewayPorts.includes(wanted.port)) &&
    (wanted.host === undefined || wanted.host === given.host) &&
    (wanted.apiKey === undefined || wanted.apiKey === apiKey)
  );
}

function isLargeEnough(wanted: WantedServer, { wanted: given, isReduced = false }: PresentServer): boolean {
  const context = wanted.exactContext
    ? given.contextPerSlot === wanted.contextPerSlot
    : isReduced || given.contextPerSlot >= wanted.contextPerSlot;
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

/** One client's hold on a server. */
export interface Lease {
  readonly clientPid: number;
  readonly idleSeconds: number;
  readonly send: (reply: Reply) => void;
}

export interface TenancyOptions {
  readonly wanted: WantedServer;
  readonly logFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Nobody needs it any more, or it is gone: take it off the list. */
  readonly onVacant: (tenancy: Tenancy) => void;
}

/** A server together with those who use it; it goes some time after the last of them has gone. */
export class Tenancy implements PresentServer {
  readonly server: SupervisedServer;
  readonly #options: TenancyOptions;
  readonly #leases = new Set<Lease>();
  readonly #gateways = new Map<Lease, Gateway>();
  #kept = false;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: TenancyOptions) {
    this.#options = options;
    this.server = new SupervisedServer({ ...options, onChange: () => this.#tellAll() });
  }

  get wanted(): WantedServer {
    return this.server.wanted;
  }

  get port(): number {
    return this.server.port;
  }

  get apiKey(): string {
    return this.server.apiKey;
  }

  get isReduced(): boolean {
    return this.server.isReduced;
  }

  get inUse(): boolean {
    return this.#kept || this.#leases.size > 0;
  }

  get gatewayPorts(): readonly number[] {
    return [...this.#gateways.values()].map(({ port }) => port);
  }

  get leases(): number {
    return this.#leases.size;
  }

  enter(lease: Lease): void {
    clearTimeout(this.#idleTimer);
    this.#leases.add(lease);
    lease.send(this.#describeState());
  }

  /** The last one out starts the clock. */
  leave(lease: Lease): void {
    this.#gateways.delete(lease);
    if (!this.#leases.delete(lease) || this.inUse) return;
    this.#idleTimer = setTimeout(() => this.#options.onVacant(this), lease.idleSeconds * 1_000);
  }

  /** The holder of a lease serves other programs. */
  describeGateway(lease: Lease, gateway: Gateway): void {
    if (this.#leases.has(lease)) this.#gateways.set(lease, gateway);
  }

  /** From now on it stays without a lease. */
  keep(): void {
    this.#kept = true;
  }

  async stop(why: GptOssError): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.#kept = false;
    for (const { send } of this.#leases) send({ type: "failed", failure: describeAsFailure(why) });
    this.#leases.clear();
    this.#gateways.clear();
    await this.server.stop();
  }

  /** Whether a request is being answered; a server that does not say is taken for busy. */
  async isAnswering(): Promise<boolean> {
    const { state, apiKey } = this.server;
    if (state.kind !== "ready") return state.kind !== "failed";
    try {
      const request = { baseUrl: state.url, apiKey, path: "/slots", signal: AbortSignal.timeout(2_000) };
      const response = await sendServerRequest(request);
      return /"is_processing":\s*true/.test(await response.text());
    } catch {
      return true; // it is stopped, or just going: the next look will tell
    }
  }

  status(): ServerStatus {
    const { wanted, contextPerSlot, state, logFile, startedAt, layers, restarts } = this.server;
    return {
      model: wanted.alias,
      modelPath: wanted.modelPath,
      state: state.kind,
      ...((state.kind === "ready" || state.kind === "frozen") && {
        pid: state.pid,
        ...(state.url !== undefined && { url: state.url }),
      }),
      contextPerSlot,
      slots: wanted.slots,
      leases: [...this.#leases].map(({ clientPid }) => clientPid),
      kept: this.#kept || [...this.#gateways.values()].some(({ detached }) => detached),
      gateways: [...this.#gateways].map(([{ clientPid }, gateway]) => Object.assign({ pid: clientPid }, gateway)),
      logFile,
      startedAt: startedAt.toISOString(),
      ...(layers && { layers }),
      restarts,
    };
  }

  #tellAll(): void {
    const reply = this.#describeState();
    for (const { send } of this.#leases) send(reply);
    if (this.server.state.kind !== "failed") return;
    this.#leases.clear();
    this.#gateways.clear();
    this.#options.onVacant(this);
  }

  #describeState(): Reply {
    const { state, apiKey, logFile, wanted, contextPerSlot } = this.server;
    if (state.kind === "loading") return { type: "loading", fraction: state.fraction };
    if (state.kind === "frozen") return { type: "frozen", serverPid: state.pid };
    if (state.kind === "restarting") return { type: "restarting", reason: state.reason };
    if (state.kind === "failed") return { type: "failed", failure: describeAsFailure(state.error) };
    if (state.kind === "stopped") {
      return { type: "failed", failure: describeAsFailure(createError("serverError", [errorDetail("serverEnded")])) };
    }
    const { slots } = wanted;
    return { type: "ready", url: state.url, apiKey, serverPid: state.pid, logFile, contextPerSlot, slots };
  }
}
