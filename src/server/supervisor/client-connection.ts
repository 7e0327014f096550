import type { Socket } from "node:net";
import { writeJsonLine } from "./json-lines.ts";
import type { Reply } from "./protocol.ts";
import type { Lease, Tenancy } from "./tenancy.ts";

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

  release(): void {
    this.#gone = true;
    this.#held?.tenancy.leave(this.#held.lease);
    this.#held = undefined;
  }
}
