import { setTimeout as sleep } from "node:timers/promises";
import { type GptOssError, messageOf, type ErrorDetail } from "../errors/errors.ts";
import { createError, errorDetail, type LocalizedText } from "../i18n/error-messages.ts";
import { errorOf, type Gateway, type ReadyReply, type Reply, type WantedServer } from "./protocol.ts";
import { type SupervisorConnection, type ReachOptions, reachSupervisor } from "./supervisor-client.ts";

/** Waits before each attempt to have a new supervisor bring the server back. */
const REOPEN_MS = [50, 500, 2_000] as const;

export interface LeaseOptions extends ReachOptions {
  readonly wanted: WantedServer;
  /** Seconds that the server lives on when this was its last lease. */
  readonly idleSeconds: number;
  readonly onNotice?: ((notice: ServerNotice) => void) | undefined;
}

type LeaseState =
  | { readonly kind: "pending" }
  | { readonly kind: "ready"; readonly server: ReadyReply }
  | { readonly kind: "over"; readonly error: GptOssError };

/**
 * A client's hold on a server. It lasts until `stop()` or the end of this process, through restarts of llama-server and
 * even the death of the supervisor, after which a new one starts the server again at the same address with the same key.
 */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #listeners = new Set<(notice: ServerNotice) => void>();
  #state: LeaseState = { kind: "pending" };
  #server: ReadyReply | undefined;
  #connection: SupervisorConnection | undefined;
  #gateway: Gateway | undefined;
  #stopped = false;
  #wake: () => void = () => undefined;
  #changed = this.#nextChange();
  #announceEnd: () => void = () => undefined;
  /** Resolves when the server is gone for good, or this lease is. */
  readonly ended: Promise<void>;

  private constructor(options: LeaseOptions) {
    this.#options = options;
    if (options.onNotice) this.#listeners.add(options.onNotice);
    this.ended = new Promise((resolve) => {
      this.#announceEnd = resolve;
    });
  }

  /** @throws GptOssError with the reason why there can't be such a server, `interrupted` */
  static async open(options: LeaseOptions): Promise<Lease> {
    const lease = new Lease(options);
    try {
      await lease.#connect(options.wanted);
      await lease.ready(options.signal);
    } catch (error) {
      await lease.stop();
      throw error;
    }
    return lease;
  }

  /** The server as it was last ready; its address and key never change. */
  get server(): ReadyReply {
    if (this.#server === undefined) throw new Error("a lease is not handed out before its server is ready");
    return this.#server;
  }

  /** @returns a function that ends the listening */
  onNotice(listener: (notice: ServerNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async ready(signal?: AbortSignal): Promise<void> {
    while (this.#state.kind === "pending") {
      if (signal?.aborted) throw createError("interrupted", [errorDetail("waitingForServer")]);
      await untilAborted(this.#changed, signal);
    }
    if (this.#state.kind === "over") throw this.#state.error;
  }

  /** The server shall stay without us, until it is stopped. */
  async keep(): Promise<void> {
    await this.#connection?.ask({ type: "keep" }, "kept");
  }

  /** Tells the supervisor, and the next one if this one is killed, that this client serves other programs. */
  describeGateway(gateway: Gateway): void {
    this.#gateway = gateway;
    this.#connection?.send({ type: "gateway", gateway });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#end(createError("serverGivenUp", []));
    await this.#connection?.closed;
  }

  async #connect(wanted: WantedServer): Promise<void> {
    const { idleSeconds } = this.#options;
    const connection = await reachSupervisor(this.#options);
    if (this.#stopped) return await connection.close();
    this.#connection = connection;
    connection.onReply = (reply) => this.#receive(reply);
    connection.send({ type: "lease", wanted, idleSeconds, clientPid: process.pid });
    void connection.closed.then(() => this.#reopen());
  }

  /** The supervisor has gone without a word: it was killed, and llama-server with it. */
  async #reopen(): Promise<void> {
    if (this.#state.kind === "over") return;
    this.#enterPending();
    this.#tell({ kind: "restarting", reason: errorDetail("supervisorKilled") });
    const { wanted } = this.#options;
    const same = this.#server && { port: Number(new URL(this.#server.url).port), apiKey: this.#server.apiKey };
    let failure: unknown;
    for (const pause of REOPEN_MS) {
      await sleep(pause);
      if (this.#stopped) return;
      try {
        return await this.#connect({ ...wanted, ...same });
      } catch (error) {
        failure = error;
      }
    }
    this.#end(createError("notBroughtBack", [messageOf(failure)], { cause: failure }));
  }

  #receive(reply: Reply): void {
    if (reply.type === "ready") this.#enterReady(reply);
    else if (reply.type === "failed") this.#end(errorOf(reply.failure));
    else if (reply.type === "frozen") this.#tell({ kind: "frozen", pid: reply.serverPid });
    else if (reply.type === "waiting") this.#tell({ kind: "waiting", reason: reply.reason });
    else if (reply.type === "loading") {
      this.#enterPending();
      this.#tell({ kind: "loading", fraction: reply.fraction });
    } else if (reply.type === "restarting") {
      this.#enterPending();
      this.#tell({ kind: "restarting", reason: reply.reason });
    }
  }

  #enterPending(): void {
    if (this.#state.kind === "ready") this.#state = { kind: "pending" };
  }

  #enterReady(server: ReadyReply): void {
    const first = this.#server === undefined;
    if (this.#gateway) this.describeGateway(this.#gateway);
    this.#server = server;
    this.#state = { kind: "ready", server };
    if (!first) this.#tell({ kind: "restarted" });
    this.#announceChange();
  }

  #end(error: GptOssError): void {
    if (this.#state.kind === "over") return;
    this.#state = { kind: "over", error };
    if (!this.#stopped) this.#tell({ kind: "failed", error });
    this.#announceChange();
    this.#announceEnd();
    // the supervisor has nothing more to say, and ends when nobody is left
    void this.#connection?.close();
  }

  #announceChange(): void {
    const wake = this.#wake;
    this.#changed = this.#nextChange();
    wake();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #tell(notice: ServerNotice): void {
    for (const listener of this.#listeners) listener(notice);
  }
}

/** Waits for something, or for an abort; the signal, which may live long, is left as it was. */
async function untilAborted(action: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  const over = new AbortController();
  const aborted = new Promise<void>((resolve) => {
    signal?.addEventListener("abort", () => resolve(), { once: true, signal: over.signal });
  });
  await Promise.race([action, aborted]);
  over.abort();
}

/** What happens to a server while somebody uses it or waits for it. */
export type ServerNotice =
  /** How much of the model is in memory, 0 to 1. */
  | { readonly kind: "loading"; readonly fraction: number }
  /** It can't be had before something else has ended. */
  | { readonly kind: "waiting"; readonly reason: LocalizedText }
  /** Its process is stopped, and answers nothing. */
  | { readonly kind: "frozen"; readonly pid: number }
  /** It has ended and is started again; what it was answering is lost. */
  | { readonly kind: "restarting"; readonly reason: LocalizedText }
  /** It can be asked again. */
  | { readonly kind: "restarted" }
  /** It will not come back. */
  | { readonly kind: "failed"; readonly error: GptOssError };

/** One line for the user; nothing for progress, which is drawn, and for an end, which each request reports. */
export function describeNotice(notice: ServerNotice): ErrorDetail | undefined {
  if (notice.kind === "frozen") return errorDetail("serverFrozen", notice.pid);
  if (notice.kind === "waiting") return errorDetail("serverWaiting", notice.reason);
  if (notice.kind === "restarting") return errorDetail("serverRestarting", notice.reason);
  return notice.kind === "restarted" ? errorDetail("serverRestarted") : undefined;
}
