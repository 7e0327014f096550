import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { isLoopback } from "../config/config.ts";
import { ApiError } from "./api-error.ts";

export interface AccessOptions {
  readonly apiKey: string | undefined;
  readonly corsOrigin: string | undefined;
  readonly allowedHosts: readonly string[];
}

/** Paths that a client may ask without a key: they say that a server is here, and no more. */
const OPEN_PATHS: ReadonlySet<string> = new Set(["/", "/health"]);

/** Decides who may send requests. @throws ApiError, by the middleware */
export function accessControl({ apiKey, corsOrigin, allowedHosts }: AccessOptions): MiddlewareHandler {
  const expected = apiKey === undefined ? undefined : digestOf(apiKey);
  return async (context, next) => {
    const { req } = context;
    const origin = req.header("origin");
    const isAllowedOrigin = corsOrigin !== undefined && (corsOrigin === "*" || corsOrigin === origin);
    if (corsOrigin !== undefined)
      setCorsHeaders(context.res.headers, corsOrigin, req.header("access-control-request-headers"));
    if (req.method === "OPTIONS") {
      if (isAllowedOrigin) return context.body(null, 204);
      throw new ApiError("forbidden", "This server does not take requests from web pages.");
    }
    if (expected === undefined) {
      checkHost(req.header("host"), allowedHosts);
      if (origin !== undefined && !isAllowedOrigin && !isSameOrigin(origin, req.header("host"))) {
        throw new ApiError("forbidden", "This server does not take requests from web pages of this origin.");
      }
    } else if (!OPEN_PATHS.has(req.path)) {
      const given = [bearerOf(req.header("authorization")), req.header("x-api-key")];
      if (!given.some((key) => key !== undefined && timingSafeEqual(digestOf(key), expected))) {
        throw new ApiError(
          "unauthorized",
          "The API key is missing or wrong. Send it as a Bearer token or in x-api-key.",
        );
      }
    }
    await next();
    return;
  };
}

/** Both sides have one length then, as a comparison in constant time needs. */
function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer\s+(.*)$/i.exec(authorization ?? "")?.[1]?.trim();
}

/** A page can point a name of its own at this machine (DNS rebinding). Its requests carry that name. */
function checkHost(host: string | undefined, allowed: readonly string[]): void {
  const name = hostName(host ?? "");
  if (isLoopback(name) || allowed.includes(name)) return;
  throw new ApiError("forbidden", `This server does not answer requests for the host ${JSON.stringify(name)}.`);
}

/** Without the port, and without the brackets around an IPv6 address. */
function hostName(host: string): string {
  return host
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  return origin.replace(/^https?:\/\//, "") === host;
}

function setCorsHeaders(headers: Headers, origin: string, requested: string | undefined): void {
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-allow-methods", "GET, POST, OPTIONS");
  headers.set("access-control-allow-headers", requested ?? "authorization, content-type, x-api-key");
  headers.set("vary", "origin");
}

/** Whose memory a request shares: the holder of its key. Without keys all clients are one, told apart by the ids of their calls. */
export function clientOf(request: Request): string {
  const key = bearerOf(request.headers.get("authorization") ?? undefined) ?? request.headers.get("x-api-key") ?? "";
  return digestOf(key).toString("base64url");
}
