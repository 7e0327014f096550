import { afterEach, expect } from "@jest/globals";
import { type Exchange, type ModelServer, type ModelServerOptions, startModelServer } from "./model-server.ts";

const servers: ModelServer[] = [];

/** A model server, of whose requests `expectEachRequestAlone` holds. */
export async function startRecordedServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const server = await startModelServer(options);
  servers.push(server);
  return server;
}

/**
 * Checks after each test what must hold of every request that the program makes of a model server: it has a connection to itself (llama-server
 * closes its side after a reply), and names no slot (version 0.5.0 corrupts a slot that is named while it is busy).
 */
export function expectEachRequestAlone(): void {
  afterEach(() => {
    const exchanges = servers.splice(0).flatMap((server) => server.exchanges);
    const shared = exchanges.filter(({ headers }) => headers["connection"] !== "close");
    expect(shared.map(({ path }) => path)).toEqual([]);
    expect(exchanges.filter(({ body }) => JSON.stringify(body ?? "").includes('"id_slot"'))).toEqual([]);
  });
}

export interface RecordedRequest {
  readonly request: string;
  readonly headers: string;
  readonly body?: unknown;
}

/** The requests in the order in which they came, as they are to stand in a snapshot: days, ids and folders are given names. */
export function recorded(
  exchanges: readonly Exchange[],
  folders: Readonly<Record<string, string>> = {},
): RecordedRequest[] {
  const names = new Map<string, string>();
  const grammars = new Set<string>();
  const nameIn = (text: string) => {
    let named = text.replaceAll(/\bcall_[\w-]{16}(?![\w-])/g, (id) => {
      const name = names.get(id) ?? `call_${names.size + 1}`;
      names.set(id, name);
      return name;
    });
    for (const [folder, name] of Object.entries(folders)) named = named.replaceAll(folder, name);
    // the rules by which a grammar keeps control tokens out of texts are the same in every grammar, and many
    named = named
      .replaceAll(today(), "<today>")
      .replaceAll(/^(?:body|text|integer|chars[a-z-]*)-[\d-]+ ::= .*\n?/gm, "");
    if (!named.startsWith("root ::= ")) return named;
    const isKnown = grammars.has(named);
    grammars.add(named);
    return isKnown ? "<a grammar that stands above>" : named;
  };
  return exchanges.map(({ method, path, headers, body }) => ({
    request: `${method} ${path}`,
    headers: describeHeaders(headers),
    ...(body !== undefined && { body: mapStrings(body, nameIn) }),
  }));
}

/** Requests that may come in any order first, then those whose order counts: the questions and what is read before them. */
export function recordedByOrder(exchanges: readonly Exchange[]): {
  readonly inAnyOrder: readonly RecordedRequest[];
  readonly inOrder: readonly RecordedRequest[];
} {
  const ordered = (exchange: Exchange) =>
    ["/completion", "/v1/chat/completions"].includes(exchange.path) && !isProbe(exchange);
  const key = (one: RecordedRequest) => JSON.stringify(one);
  return {
    inAnyOrder: recorded(exchanges.filter((exchange) => !ordered(exchange))).toSorted((one, other) =>
      key(one) < key(other) ? -1 : 1,
    ),
    inOrder: recorded(exchanges.filter(ordered)),
  };
}

/** The questions to the model. */
export function questions({ exchanges }: ModelServer): Exchange[] {
  return exchanges.filter((exchange) => exchange.path === "/v1/chat/completions" && !isProbe(exchange));
}

/** The question by which the program finds out what the server does with channels. */
function isProbe({ body }: Exchange): boolean {
  return (body as { max_tokens?: number } | undefined)?.max_tokens === PROBE_TOKENS;
}

const PROBE_TOKENS = 8;

function describeHeaders({ connection, authorization, "content-type": type }: Exchange["headers"]): string {
  return [connection ?? "kept alive", authorization ?? "no key", type ?? "no body"].join("; ");
}

function today(): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [change(name), mapStrings(item, change)]));
}
