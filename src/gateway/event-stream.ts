/** One event of a stream. */
export function serverSentEvent(data: unknown, event?: string): string {
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** Characters that wait for the next turn of the event loop at most. */
const MAX_PENDING = 65_536;

export interface EventStreamOptions {
  readonly heartbeatMilliseconds: number;
  readonly heartbeat: () => string;
  /** Called once, when the client has left before the end. */
  readonly onLeave: () => void;
}

/**
 * Sends text to a client, and a heartbeat whenever nothing has been sent for a while. What comes in one turn of the event loop is sent as one
 * piece: a write for each token of a fast model would cost a fifth of this process's time.
 */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #options: EventStreamOptions;
  readonly #timer: NodeJS.Timeout;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #resume: (() => void) | undefined;
  #pending = "";
  #flush: NodeJS.Immediate | undefined;
  #isOver = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#resume?.(),
        cancel: () => this.leave(),
      },
      { highWaterMark: 16 },
    );
    this.#timer = setInterval(() => this.#beat(), options.heartbeatMilliseconds);
  }

  /** Whether the client is gone, or everything was sent. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when the client can take more. */
  async send(text: string): Promise<void> {
    if (text === "" || this.#isOver) return;
    this.#pending += text;
    this.#flush ??= setImmediate(() => this.#sendPending());
    if ((this.#controller?.desiredSize ?? 1) > 0 && this.#pending.length < MAX_PENDING) return;
    await new Promise<void>((resolve) => (this.#resume = resolve));
    this.#resume = undefined;
  }

  close(): void {
    if (this.#isOver) return;
    this.#sendPending();
    this.#end();
    this.#controller?.close();
  }

  /** The client is gone. */
  leave(): void {
    if (this.#isOver) return;
    this.#end();
    this.#options.onLeave();
  }

  #end(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    clearImmediate(this.#flush);
    this.#resume?.();
  }

  #sendPending(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    if (this.#pending !== "") this.#enqueue(this.#pending);
    this.#pending = "";
    if ((this.#controller?.desiredSize ?? 1) > 0) this.#resume?.();
  }

  #enqueue(text: string): void {
    this.#timer.refresh();
    this.#controller?.enqueue(this.#encoder.encode(text));
  }

  #beat(): void {
    // a client that does not read has enough to read already
    if (this.#isOver || (this.#controller?.desiredSize ?? 1) <= 0) return;
    const text = this.#options.heartbeat();
    if (text !== "") this.#enqueue(text);
  }
}
