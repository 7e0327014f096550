import type { GptOssError } from "../../errors.ts";
import { failed, reason } from "../../failures/failure.ts";
import type { PresentServer } from "./placement.ts";
import { describeAsFailure, type Reply, type ServerStatus, type WantedServer } from "./protocol.ts";
import { SupervisedServer } from "./supervised-server.ts";

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

  get inUse(): boolean {
    return this.#kept || this.#leases.size > 0;
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
    if (!this.#leases.delete(lease) || this.inUse) return;
    this.#idleTimer = setTimeout(() => this.#options.onVacant(this), lease.idleSeconds * 1_000);
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
    await this.server.stop();
  }

  /** Whether a request is being answered; a server that does not say is taken for busy. */
  async isAnswering(): Promise<boolean> {
    const { state, apiKey } = this.server;
    if (state.kind !== "ready") return state.kind !== "failed";
    try {
      const response = await fetch(`${state.url}/slots`, {
        headers: { authorization: `Bearer ${apiKey}`, connection: "close" },
        signal: AbortSignal.timeout(2_000),
      });
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
      mode: wanted.mode,
      state: state.kind,
      ...((state.kind === "ready" || state.kind === "frozen") && {
        pid: state.pid,
        ...(state.url !== undefined && { url: state.url }),
      }),
      contextPerSlot,
      slots: wanted.slots,
      leases: [...this.#leases].map(({ clientPid }) => clientPid),
      kept: this.#kept,
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
    this.#options.onVacant(this);
  }

  #describeState(): Reply {
    const { state, apiKey, logFile, wanted, contextPerSlot } = this.server;
    if (state.kind === "loading") return { type: "loading", fraction: state.fraction };
    if (state.kind === "frozen") return { type: "frozen", serverPid: state.pid };
    if (state.kind === "restarting") return { type: "restarting", reason: state.reason };
    if (state.kind === "failed") return { type: "failed", failure: describeAsFailure(state.error) };
    if (state.kind === "stopped") {
      return { type: "failed", failure: describeAsFailure(failed("serverError", [reason("serverEnded")])) };
    }
    const { slots } = wanted;
    return { type: "ready", url: state.url, apiKey, serverPid: state.pid, logFile, contextPerSlot, slots };
  }
}
