import { EventEmitter, once } from "node:events";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { LinkedSignal } from "../platform/linked-signal.ts";
import { type AnswerEvent, answerEvents, type AnswerEventsOptions } from "./answer-events.ts";
import { type ApiError, toApiError } from "./api-error.ts";
import { EventStream } from "./event-stream.ts";
import type { ModelEncoder, ModelRequest } from "./model-api.ts";
import type { AnswerEnd } from "../inference/answer-part.ts";

/** How a request to the model ended. */
export interface Outcome {
  readonly status: number;
  readonly isAborted: boolean;
  readonly end?: AnswerEnd | undefined;
  /** An error after the headers, which the client got inside of the stream. */
  readonly streamError?: ApiError | undefined;
}

export interface RunOptions {
  readonly request: ModelRequest;
  readonly answer: Omit<AnswerEventsOptions, "signal">;
  /** Aborts when the client leaves. */
  readonly clientSignal: AbortSignal;
  readonly heartbeatMilliseconds: number;
  readonly onEnd: (outcome: Outcome) => void;
}

/**
 * How long an error may come before the headers. A prompt that is too long is found within that time, and then the client gets a status,
 * which more of them understand than an error inside a stream. Everybody else gets the headers after it at the latest.
 */
const MAX_WAIT_FOR_ERROR_MS = 200;

/** Sends the whole answer as one response. @throws ApiError */
export async function answerAtOnce(options: RunOptions): Promise<Response> {
  const { request, answer, clientSignal, onEnd } = options;
  let encoder = request.createEncoder();
  let end: AnswerEnd | undefined;
  using departure = new LinkedSignal(clientSignal);
  try {
    for await (const event of answerEvents({ ...answer, signal: departure.signal })) {
      if (event.type === "restart") encoder = request.createEncoder();
      encoder.encode(event);
      if (event.type === "end") ({ end } = event);
    }
  } catch (thrown) {
    const error = toApiError(thrown);
    onEnd({ status: error.status, isAborted: clientSignal.aborted });
    throw error;
  }
  onEnd({ status: 200, isAborted: clientSignal.aborted, end });
  return Response.json(encoder.result());
}

const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // nginx would collect the events otherwise
  "x-accel-buffering": "no",
  "transfer-encoding": "chunked",
};

/** Streams the answer. @throws ApiError for an error that arrives before the headers are sent */
export async function streamAnswer(options: RunOptions): Promise<Response> {
  const { request, answer, clientSignal, onEnd } = options;
  const departure = new LinkedSignal(clientSignal);
  const { signal } = departure;
  const encoder = request.createEncoder();
  const acceptance = new EventEmitter();
  const accepted = once(acceptance, "accepted");
  const events = answerEvents({ ...answer, signal, onAccepted: () => acceptance.emit("accepted") });
  const first = events.next();
  try {
    await Promise.race([first, accepted, sleep(MAX_WAIT_FOR_ERROR_MS, undefined, { ref: false })]);
  } catch (thrown) {
    const error = toApiError(thrown);
    onEnd({ status: error.status, isAborted: signal.aborted });
    departure[Symbol.dispose]();
    throw error;
  }
  const stream = new EventStream({
    heartbeatMilliseconds: options.heartbeatMilliseconds,
    heartbeat: () => encoder.heartbeat(),
    onLeave: () => departure.abort(),
  });
  signal.addEventListener("abort", () => stream.leave(), { once: true });
  void sendEvents({ first, events, encoder, stream })
    .then(({ end, streamError }) =>
      onEnd({ status: streamError?.status ?? 200, isAborted: signal.aborted, end, streamError }),
    )
    .finally(() => departure[Symbol.dispose]());
  return new Response(stream.body, { headers: STREAM_HEADERS });
}

interface Sending {
  readonly first: Promise<IteratorResult<AnswerEvent>>;
  readonly events: AsyncGenerator<AnswerEvent>;
  readonly encoder: ModelEncoder;
  readonly stream: EventStream;
}

async function sendEvents({ first, events, encoder, stream }: Sending): Promise<Pick<Outcome, "end" | "streamError">> {
  let isFirst = true;
  try {
    await stream.send(encoder.start());
    for (let next = await first; next.done !== true && !stream.isOver; next = await events.next()) {
      await stream.send(encoder.encode(next.value));
      // a server that writes thousands of tokens a second would keep the first of them from leaving this process
      if (isFirst) await setImmediate();
      isFirst = false;
      if (next.value.type === "end") return { end: next.value.end };
    }
    return {};
  } catch (thrown) {
    const error = toApiError(thrown);
    await stream.send(encoder.fail(error));
    return { streamError: error };
  } finally {
    await events.return(undefined);
    stream.close();
  }
}
