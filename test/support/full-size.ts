/** `npm test` runs some suites at a small size, `npm run test:slow` at their full one. */
export function sized(small: number, full: number): number {
  return process.env["GPT_OSS_TEST_FULL_SIZE"] === "1" ? full : small;
}
