import type { HttpResponse } from "./http-client.ts";

/** A server that asks for more is asked again after this long. */
const LONGEST_WAIT_MS = 300_000;
/** In `X-RateLimit-Reset`, a number above this is a moment and not a span. */
const FIRST_MOMENT = 1e9;
const MILLISECONDS_FROM = 1e12;

/**
 * How long a server asks to wait, in milliseconds, at most five minutes. `Retry-After` counts first; then the headers of
 * rate limits in the forms of the IETF drafts (`RateLimit: "api";r=0;t=40`, `RateLimit: limit=9, remaining=0, reset=40`,
 * `RateLimit-Reset: 40`) and those that came before them.
 */
export function requestedWaitMs(response: Pick<HttpResponse, "header">, now = Date.now()): number | undefined {
  const wait =
    retryAfter(response, now) ??
    largest([
      ...limitsThatAreUsedUp(response.header("ratelimit") ?? ""),
      secondsOf(response.header("ratelimit-reset"), now),
      secondsOf(response.header("x-ratelimit-reset-after"), now),
      secondsOf(response.header("x-ratelimit-reset"), now),
    ]);
  return wait === undefined ? undefined : Math.min(Math.max(wait, 0), LONGEST_WAIT_MS);
}

function retryAfter({ header }: Pick<HttpResponse, "header">, now: number): number | undefined {
  const milliseconds = /^\s*(\d+(?:\.\d+)?)\s*$/.exec(header("retry-after-ms") ?? "")?.[1];
  if (milliseconds !== undefined) return Number(milliseconds);
  const value = header("retry-after");
  return secondsOf(value, now) ?? dateOf(value, now);
}

/** The spans after which a limit begins again, of those limits that allow nothing more; milliseconds. */
function limitsThatAreUsedUp(header: string): readonly number[] {
  // the older draft writes one limit with commas: limit=9, remaining=0, reset=40
  const limits = /(?:^|[,;\s])reset=/i.test(header) ? [header.replaceAll(",", ";")] : header.split(",");
  return limits.flatMap((limit) => {
    const left = /(?:^|[;\s])(?:r|remaining)=(\d+)/i.exec(limit)?.[1];
    const span = /(?:^|[;\s])(?:t|reset)=(\d+(?:\.\d+)?)/i.exec(limit)?.[1];
    return span === undefined || (left !== undefined && Number(left) > 0) ? [] : [Number(span) * 1_000];
  });
}

/** Seconds, or the seconds or milliseconds of a moment since 1970; @returns milliseconds from now */
function secondsOf(value: string | undefined, now: number): number | undefined {
  const number = /^\s*(\d+(?:\.\d+)?)\s*$/.exec(value ?? "")?.[1];
  if (number === undefined) return undefined;
  const amount = Number(number);
  if (amount >= MILLISECONDS_FROM) return amount - now;
  return amount >= FIRST_MOMENT ? amount * 1_000 - now : amount * 1_000;
}

function dateOf(value: string | undefined, now: number): number | undefined {
  const moment = Date.parse(value ?? "");
  return Number.isNaN(moment) ? undefined : moment - now;
}

function largest(spans: readonly (number | undefined)[]): number | undefined {
  const known = spans.filter((span) => span !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
