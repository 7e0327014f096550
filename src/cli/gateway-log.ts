import { messageOf } from "../errors/errors.ts";
import type { GatewayLogEvent, GatewayRequestEvent } from "../gateway/index.ts";
import { showableLine } from "../terminal/untrusted-text.ts";

/** One line of a gateway's log. Clients choose some of the words, and none of them can steer a terminal. */
export function describeLogEvent(event: GatewayLogEvent): string {
  return showableLine(lineOf(event));
}

function lineOf(event: GatewayLogEvent): string {
  switch (event.type) {
    case "request":
      return describeRequest(event);
    case "left-out":
      return `${event.api}: ${event.what} is left out: the model cannot use it`;
    case "error":
      return `${event.path}: ${messageOf(event.error)}`;
    case "prompt":
    default:
      return `${event.path}: ${JSON.stringify(event.body)}`;
  }
}

function describeRequest(event: GatewayRequestEvent): string {
  const { method, path, status, milliseconds, client, isAborted, promptTokens, cachedTokens, answerTokens } = event;
  const details = [
    `${(milliseconds / 1000).toFixed(1)} s`,
    ...(promptTokens === undefined ? [] : [`${promptTokens} prompt tokens (${cachedTokens ?? 0} cached)`]),
    ...(answerTokens === undefined ? [] : [`${answerTokens} tokens`]),
    ...(event.tokensPerSecond === undefined ? [] : [`${event.tokensPerSecond.toFixed(1)} tokens/s`]),
    ...(isAborted ? ["the client left"] : []),
    ...(client === "" ? [] : [client]),
  ];
  return `${method} ${path} ${status}: ${details.join(", ")}`;
}
