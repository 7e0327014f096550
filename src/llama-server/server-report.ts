import { z } from "zod";
import { showableText } from "../terminal/untrusted-text.ts";

/** What a server says of an error, whatever shape it gave to it. */
export interface ServerReport {
  /** The server's own words, on one line and without a full stop; empty where it said nothing. */
  readonly message: string;
  /** Its names for the kind of error: fields such as `type` and `code`. */
  readonly kinds: readonly string[];
  /** llama-server's numbers for a conversation that is too long. */
  readonly promptTokens?: number | undefined;
  readonly contextSize?: number | undefined;
}

/** A server that answered with an error, by its status or in the middle of an answer. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  /** HTTP's; undefined for an error inside of an answer. */
  readonly status: number | undefined;
  readonly report: ServerReport;

  constructor(report: ServerReport, status?: number) {
    super([status, report.message].filter((part) => part !== undefined && part !== "").join(" "));
    this.report = report;
    this.status = status;
  }
}

const LONGEST_MESSAGE = 600;
/** Where servers put their sentence, the likelier places first. */
const MESSAGE_FIELDS = [
  "message",
  "msg",
  "error",
  "detail",
  "details",
  "errors",
  "error_description",
  "error_message",
  "reason",
  "description",
  "title",
  "choices",
] as const;
const KIND_FIELDS = ["type", "code", "error_type", "error_code", "status", "object"] as const;

const recordSchema = z.record(z.string(), z.unknown());
const numberSchema = z.number().optional().catch(undefined);

/** Reads the body of an error: JSON of any shape, plain text, or a page of HTML. */
export function reportOf(body: unknown): ServerReport {
  const text = typeof body === "string" ? body : undefined;
  const value = text === undefined ? body : (parseJson(text) ?? text);
  const records = recordsIn(value);
  const number = (field: string) =>
    records.map((record) => numberSchema.parse(record[field])).find((found) => found !== undefined);
  return {
    message: oneLine(messageIn(value) ?? (records.length > 0 ? JSON.stringify(value) : "")),
    kinds: records.flatMap((record) =>
      KIND_FIELDS.map((field) => record[field]).filter((kind) => typeof kind === "string"),
    ),
    promptTokens: number("n_prompt_tokens"),
    contextSize: number("n_ctx"),
  };
}

/** Whether a value in a stream, or a whole reply with status 200, is an error and no part of an answer. */
export function isErrorReply(value: unknown, event?: string): boolean {
  if (event === "error") return true;
  const record = recordSchema.safeParse(value).data;
  if (record === undefined) return false;
  const { error, object, type, choices, usage } = record;
  if (error !== undefined && error !== null && error !== false && error !== "") return true;
  if (object === "error" || type === "error") return true;
  if (Array.isArray(choices) && choices.some(isFailedChoice)) return true;
  const saysSomething = ["detail", "message", "errors"].some((field) => field in record);
  return saysSomething && !Array.isArray(choices) && (usage === undefined || usage === null);
}

/** OpenRouter reports what its providers report in the answer's own entry. */
function isFailedChoice(choice: unknown): boolean {
  const { error, finish_reason: reason } = recordSchema.safeParse(choice).data ?? {};
  return (
    reason === "error" || (typeof error === "object" && error !== null) || (typeof error === "string" && error !== "")
  );
}

/** The value itself and the errors inside of it, the outer ones first. */
function recordsIn(value: unknown, depth = 0): Readonly<Record<string, unknown>>[] {
  if (depth > 4) return [];
  if (Array.isArray(value)) return value.flatMap((inner) => recordsIn(inner, depth + 1));
  const record = recordSchema.safeParse(value).data;
  if (record === undefined) return [];
  return [
    record,
    ...["error", "detail", "errors", "metadata", "choices"].flatMap((field) => recordsIn(record[field], depth + 1)),
  ];
}

function messageIn(value: unknown, depth = 0): string | undefined {
  if (typeof value === "string") return readText(value, depth);
  if (depth > 4) return undefined;
  if (Array.isArray(value)) {
    const messages = value.flatMap((inner) => messageIn(inner, depth + 1) ?? []);
    return messages.length === 0 ? undefined : messages.join("; ");
  }
  const record = recordSchema.safeParse(value).data;
  if (record === undefined) return undefined;
  for (const field of MESSAGE_FIELDS) {
    const found = messageIn(record[field], depth + 1);
    if (found !== undefined) return withPlace(found, record["loc"]);
  }
  return undefined;
}

/** FastAPI says which field of the request it means. */
function withPlace(message: string, place: unknown): string {
  return Array.isArray(place) && place.length > 0 ? `${place.map(String).join(".")}: ${message}` : message;
}

/** A text may be JSON once more, where a proxy passes on what another server said. */
function readText(text: string, depth: number): string | undefined {
  if (text.trim() === "") return undefined;
  const inner = /^\s*[{[]/.test(text) && depth < 4 ? parseJson(text) : undefined;
  return (inner === undefined ? undefined : messageIn(inner, depth + 1)) ?? text;
}

function oneLine(message: string): string {
  const text = showableText(/^\s*<(?:!doctype|html|head|body|\?xml)/i.test(message) ? textOfPage(message) : message);
  const line = text.replaceAll(/\s+/g, " ").trim().replace(/\.$/, "");
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE).replace(/[\uD800-\uDBFF]$/, "")}…` : line;
}

/** The title of a page and its first heading, or all of its text. */
function textOfPage(page: string): string {
  const titles = [/<title[^>]*>([^<]+)</i, /<h1[^>]*>([^<]+)</i].flatMap(
    (pattern) => pattern.exec(page)?.[1]?.trim() ?? [],
  );
  const text =
    titles.length > 0
      ? [...new Set(titles)].join(": ")
      : page.replaceAll(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/gi, " ");
  return text.replaceAll("&amp;", "&").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // it is text
  }
}
