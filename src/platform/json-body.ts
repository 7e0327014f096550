/** How JSON.stringify writes half of a surrogate pair; an even number of backslashes before it is text. */
const LONE_SURROGATE = /(?<!\\)((?:\\\\)*)\\u[dD][89a-fA-F][0-9a-fA-F]{2}/g;

/**
 * Encodes a request body as JSON that every server can decode. Text that was cut in the middle of a character ends in a lone
 * surrogate, which UTF-8 cannot represent: llama-server rejects such a request with HTTP 500. It becomes U+FFFD.
 */
export function encodeJsonBody(value: unknown): string {
  return JSON.stringify(value).replaceAll(LONE_SURROGATE, "$1\uFFFD");
}
