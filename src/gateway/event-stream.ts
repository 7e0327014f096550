/** One event of a stream. */
export function serverSentEvent(data: unknown, event?: string): string {
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
}

export interface EventStreamOptions {
  readonly heartbeatMilliseconds: number;
  readonly heartbeat: () => string;
  /** Called once, when the client has left before the end. */
  readonly onLeave: () => void;
}

/** Sends text to a client, and a heartbeat whenever nothing has been sent for a while. */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #options: EventStreamOptions;
  readonly #timer: NodeJS.Timeout;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #resume: (() => void) | undefined;
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
    this.#enqueue(text);
    if ((this.#controller?.desiredSize ?? 1) > 0) return;
    await new Promise<void>((resolve) => (this.#resume = resolve));
    this.#resume = undefined;
  }

  close(): void {
    if (this.#isOver) return;
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
    this.#resume?.();
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
