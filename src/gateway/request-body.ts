import type { z } from "zod";
import { ApiError, invalidRequest } from "./api-error.ts";

/** A schema or a message that is nested deeper can overflow the stack of the model server's template. Clients stay below 30. */
const MAX_DEPTH = 100;

/** The body of a request as JSON. @throws ApiError for one that is too large, too deep, or not JSON */
export async function readJsonBody(request: Request, maxBytes: number): Promise<unknown> {
  const text = await readText(request, maxBytes);
  if (depthOf(text) > MAX_DEPTH) throw invalidRequest(`The request is nested more than ${MAX_DEPTH} levels deep.`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidRequest("The body of the request is not valid JSON.");
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (request.body === null) return "";
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let bytes = 0;
  // a client need not say how much it sends
  for await (const piece of request.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    pieces.push(decoder.decode(piece, { stream: true }));
  }
  return pieces.join("") + decoder.decode();
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError("too-large", `The body of the request is larger than ${maxBytes} bytes.`);
}

/** How deep JSON text is nested, found before it is parsed. */
function depthOf(text: string): number {
  let [depth, deepest, isInString] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (isInString && sign === "\\") at++;
    else if (sign === '"') isInString = !isInString;
    else if (!isInString && (sign === "{" || sign === "[")) deepest = Math.max(deepest, ++depth);
    else if (!isInString && (sign === "}" || sign === "]")) depth--;
  }
  return deepest;
}

/** Checks a body against an API's schema. @throws ApiError that names the first field that is wrong */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(body);
  if (success) return data;
  const [issue] = error.issues;
  const param = issue === undefined ? undefined : pathText(issue.path);
  const problem = issue?.message ?? "It does not have the expected form";
  throw invalidRequest(
    param === undefined || param === "" ? `Invalid request. ${problem}.` : `Invalid value for '${param}'. ${problem}.`,
    param === "" ? undefined : param,
  );
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? String(step) : `${text}.${String(step)}`;
  }, "");
}
