import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCodeOf } from "../../errors.ts";
import { failed } from "../../failures/failure.ts";
import { readJsonLines, writeJsonLine } from "../supervisor/json-lines.ts";
import { checkRuntimeFolder, type RuntimePaths } from "../supervisor/runtime-folder.ts";
import { type Hello, helloSchema, type Reply, replySchema, type Request } from "../supervisor/protocol.ts";

/** A supervisor that is alive says hello within milliseconds. */
const HELLO_MS = 10_000;
/** It answers at once, unless it has to end a llama-server first, which takes seconds. */
const REPLY_MS = 30_000;
/** Nobody is there; with EPIPE and ECONNRESET, not any more. */
const NOBODY = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE"]);

/** A supervisor that has said hello. */
export class SupervisorConnection {
  readonly hello: Hello;
  /** Resolves when the other side is gone, or we are. */
  readonly closed: Promise<void>;
  onReply: ((reply: Reply) => void) | undefined;
  readonly #socket: Socket;
  readonly #path: string;

  constructor(socket: Socket, hello: Hello, path: string) {
    this.#socket = socket;
    this.#path = path;
    this.hello = hello;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  receive(value: unknown): void {
    const reply = replySchema.safeParse(value);
    if (reply.success) this.onReply?.(reply.data);
  }

  send(request: Request): void {
    writeJsonLine(this.#socket, request);
  }

  /** Sends one request and waits for a reply of one of some types; undefined when the connection closes first. */
  async ask<T extends Reply["type"]>(
    request: Request,
    ...types: readonly T[]
  ): Promise<Extract<Reply, { type: T }> | undefined> {
    const listening = this.onReply;
    const answer = new Promise<Extract<Reply, { type: T }>>((resolve) => {
      this.onReply = (reply) => {
        listening?.(reply);
        if (types.some((type) => type === reply.type)) resolve(reply as Extract<Reply, { type: T }>);
      };
    });
    this.send(request);
    const patience = new AbortController();
    const silent = sleep(REPLY_MS, undefined, { signal: patience.signal }).then(
      () => {
        throw failed("silentSupervisor", [this.#path]);
      },
      () => undefined,
    );
    try {
      return await Promise.race([answer, silent, this.closed.then(() => undefined)]);
    } finally {
      patience.abort();
    }
  }

  async close(): Promise<void> {
    this.#socket.destroySoon();
    await this.closed;
  }
}

/**
 * Connects to this user's supervisor. Nothing is sent before it is certain that only this user can listen there: the folder
 * is checked before connecting, and again once the connection is made, in case it was exchanged in between.
 * @returns undefined when none listens, also when a dead one left its socket
 * @throws GptOssError `server-failed` when other users could listen there, or a supervisor listens and says nothing
 */
export async function openConnection(paths: RuntimePaths): Promise<SupervisorConnection | undefined> {
  if (!checkRuntimeFolder(paths)) return undefined;
  const socket = connect(paths.socket);
  return await new Promise((resolve, reject) => {
    let connection: SupervisorConnection | undefined;
    const silent = setTimeout(() => {
      socket.destroy();
      reject(failed("silentSupervisor", [paths.socket]));
    }, HELLO_MS);
    socket.once("connect", () => {
      try {
        checkRuntimeFolder(paths);
      } catch (error) {
        clearTimeout(silent);
        socket.destroy();
        reject(error);
      }
    });
    readJsonLines(socket, (value) => {
      if (connection) return connection.receive(value);
      const hello = helloSchema.safeParse(value);
      if (!hello.success) return socket.destroy();
      clearTimeout(silent);
      connection = new SupervisorConnection(socket, hello.data, paths.socket);
      resolve(connection);
    });
    socket.on("error", (error) => {
      clearTimeout(silent);
      if (NOBODY.has(systemCodeOf(error) ?? "")) resolve(undefined);
      else reject(error);
    });
    socket.once("close", () => {
      clearTimeout(silent);
      resolve(undefined);
    });
  });
}
