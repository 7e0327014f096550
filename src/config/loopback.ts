/** Whether a host, as it stands in a URL or behind `--host`, is this machine alone. */
export function isLoopback(host: string): boolean {
  return /^(localhost|\[?::1\]?|127\.\d+\.\d+\.\d+)$/.test(host);
}
