import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GptOssError, messageOf, type ErrorDetail } from "../errors/errors.ts";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import { formatBytes } from "../terminal/format.ts";
import {
  readJsonLines,
  writeJsonLine,
  describeAsFailure,
  type Gateway,
  PROTOCOL_VERSION,
  type Request,
  requestSchema,
  type WantedServer,
  type Reply,
} from "./protocol.ts";
import { place, type Lease, Tenancy, memoryOf } from "./shared-server.ts";

const BUSY_POLL_MS = 200;
/** Whoever started the supervisor asks for a lease at once; if nobody does, nobody will. */
const FIRST_CLIENT_MS = 10_000;

export interface SupervisorOptions {
  readonly socketPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the package. */
  readonly version: string;
  /** Bytes in this machine. */
  readonly totalMemory: number;
  /** Nothing is left to do. */
  readonly onDone: () => void;
}

/** Owns this user's llama-servers: starts them for clients that ask, shares them, and stops those that nobody needs. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #server: Server;
  readonly #connections = new Set<ClientConnection>();
  readonly #tenancies = new Set<Tenancy>();
  /** The program that started us has connected; before that, a question from another one does not end us. */
  #hasBegun = false;
  /** The end of the queue of what must not happen at once: placing, resizing, stopping. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** The caller holds the lock and has found nobody listening, so an existing socket file is a leftover. */
  async listen(): Promise<void> {
    const { socketPath } = this.#options;
    rmSync(socketPath, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(socketPath, resolve);
    });
    setTimeout(() => {
      this.#hasBegun = true;
      this.#finishIfDone();
    }, FIRST_CLIENT_MS);
  }

  /** @returns how many servers there were */
  async stopAll(why: ErrorDetail): Promise<number> {
    return await this.#exclusively(async () => {
      const all = [...this.#tenancies];
      this.#tenancies.clear();
      await Promise.all(all.map((tenancy) => tenancy.stop(createError("serverError", [why]))));
      return all.length;
    });
  }

  #accept(socket: Socket): void {
    const connection = new ClientConnection(socket);
    this.#connections.add(connection);
    const { version } = this.#options;
    writeJsonLine(socket, { type: "hello", protocol: PROTOCOL_VERSION, version, pid: process.pid });
    readJsonLines(socket, (value) => {
      const request = requestSchema.safeParse(value);
      if (request.success) void this.#answer(request.data, connection);
      else socket.destroy();
    });
    socket.on("error", () => undefined); // "close" follows
    socket.once("close", () => {
      connection.release();
      this.#connections.delete(connection);
      this.#finishIfDone();
    });
  }

  async #answer(request: Request, connection: ClientConnection): Promise<void> {
    switch (request.type) {
      case "lease":
        return await this.#lease(request, connection);
      case "keep":
        connection.keep();
        return connection.send({ type: "kept" });
      case "gateway":
        return connection.describeGateway(request.gateway);
      case "status": {
        const servers = [...this.#tenancies].map((tenancy) => tenancy.status());
        return connection.send({ type: "status", pid: process.pid, version: this.#options.version, servers });
      }
      case "stop":
        return connection.send({
          type: "stopped",
          servers: await this.stopAll(errorDetail("serverStopped")),
        });
      case "retire": {
        const leases = [...this.#tenancies].filter(({ inUse }) => inUse).length;
        if (leases > 0) return connection.send({ type: "busy", leases });
        await this.stopAll(errorDetail("serverTakenOver"));
        return connection.send({ type: "retired" });
      }
    }
  }

  async #lease(request: Extract<Request, { type: "lease" }>, connection: ClientConnection): Promise<void> {
    this.#hasBegun = true;
    const { clientPid, idleSeconds, wanted } = request;
    const lease: Lease = { clientPid, idleSeconds, send: (reply) => connection.send(reply) };
    let told = false;
    while (!connection.isGone) {
      try {
        const tenancy = await this.#exclusively(() => this.#placeLease(wanted, lease, connection));
        if (tenancy !== undefined) return;
      } catch (error) {
        const failure = GptOssError.isInstance(error) ? error : createError("serverError", [messageOf(error)]);
        return connection.send({ type: "failed", failure: describeAsFailure(failure) });
      }
      if (!told) connection.send({ type: "waiting", reason: errorDetail("serverAnswersOthers") });
      told = true;
      await sleep(BUSY_POLL_MS);
    }
  }

  /** @returns undefined when it has to be tried again */
  async #placeLease(wanted: WantedServer, lease: Lease, connection: ClientConnection): Promise<Tenancy | undefined> {
    const placement = place(wanted, [...this.#tenancies], this.#options.totalMemory);
    if (placement.kind === "refuse") throw refusal(wanted, placement.inUse);
    if (placement.kind === "resize") {
      if (await placement.server.isAnswering()) return undefined;
      // started first, so that the new client hears of the restart and not of the old size
      const resized = placement.server.server.resize(placement);
      connection.occupy(placement.server, lease);
      await resized;
      return placement.server;
    }
    if (placement.kind === "start") {
      await Promise.all(placement.stopFirst.map((tenancy) => this.#remove(tenancy)));
    }
    const tenancy = placement.kind === "share" ? placement.server : this.#open(wanted);
    connection.occupy(tenancy, lease);
    return tenancy;
  }

  #open(wanted: WantedServer): Tenancy {
    const name = createHash("sha256").update(JSON.stringify(wanted)).digest("hex").slice(0, 8);
    const tenancy = new Tenancy({
      wanted,
      logFile: join(wanted.logFolder, `server-${wanted.alias.replaceAll(/[^\w.-]/g, "_")}-${name}.log`),
      environment: this.#options.environment,
      onVacant: (vacant) => {
        void this.#exclusively(async () => {
          if (!vacant.inUse) await this.#remove(vacant);
        }).then(() => this.#finishIfDone());
      },
    });
    this.#tenancies.add(tenancy);
    return tenancy;
  }

  async #remove(tenancy: Tenancy): Promise<void> {
    this.#tenancies.delete(tenancy);
    await tenancy.stop(createError("serverUnused", []));
  }

  async #exclusively<T>(action: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(action);
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }

  /** Closing removes the socket file, so that the next client starts a new supervisor. */
  #finishIfDone(): void {
    if (!this.#hasBegun || this.#tenancies.size > 0 || this.#connections.size > 0 || !this.#server.listening) return;
    this.#server.close();
    this.#options.onDone();
  }
}

/** A client, as long as its end of the socket is open; what it holds goes with it, however it ends. */
export class ClientConnection {
  readonly #socket: Socket;
  #held: { readonly tenancy: Tenancy; readonly lease: Lease } | undefined;
  #gone = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isGone(): boolean {
    return this.#gone;
  }

  send(reply: Reply): void {
    writeJsonLine(this.#socket, reply);
  }

  /** Takes a lease; a client that has gone meanwhile gives it back at once, which starts the idle timer. */
  occupy(tenancy: Tenancy, lease: Lease): void {
    this.#held?.tenancy.leave(this.#held.lease);
    this.#held = { tenancy, lease };
    tenancy.enter(lease);
    if (this.#gone) this.release();
  }

  keep(): void {
    this.#held?.tenancy.keep();
  }

  describeGateway(gateway: Gateway): void {
    this.#held?.tenancy.describeGateway(this.#held.lease, gateway);
  }

  release(): void {
    this.#gone = true;
    this.#held?.tenancy.leave(this.#held.lease);
    this.#held = undefined;
  }
}

/** The sentence for a server that does not fit beside those that are in use. */
export function refusal(wanted: WantedServer, inUse: readonly Tenancy[]): GptOssError {
  const names = inUse.map((tenancy) => `${tenancy.wanted.alias} (${describeUse(tenancy)})`).join(" and ");
  return createError("noMemoryLeft", [wanted.alias, formatBytes(memoryOf(wanted)), names]);
}

function describeUse({ leases, wanted: { contextPerSlot } }: Tenancy): string {
  const users = leases === 0 ? "kept by serve --detach" : `used by ${leases} program${leases === 1 ? "" : "s"}`;
  return `${users}, context ${contextPerSlot}`;
}
