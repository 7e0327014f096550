import type { GatewayRequestEvent } from "./gateway-options.ts";

/** What a gateway has done since it started. */
export interface GatewayStatus {
  readonly startedAt: Date;
  /** Names of the clients that sent requests to the model, the latest last. */
  readonly clients: readonly string[];
  /** Requests to the model that are being answered. */
  readonly activeRequests: number;
  /** Requests to the model that are over. */
  readonly requests: number;
  readonly failedRequests: number;
  readonly promptTokens: number;
  /** Prompt tokens that the model server found in its cache. */
  readonly cachedTokens: number;
  readonly answerTokens: number;
  /** Tokens generated per second in the last answer. */
  readonly tokensPerSecond: number | undefined;
}

const MAX_CLIENTS = 20;

/** Counts the requests to the model. */
export class GatewayStatistics {
  readonly #startedAt = new Date();
  readonly #clients = new Set<string>();
  #active = 0;
  #requests = 0;
  #failed = 0;
  #promptTokens = 0;
  #cachedTokens = 0;
  #answerTokens = 0;
  #tokensPerSecond: number | undefined;

  startRequest(): void {
    this.#active++;
  }

  endRequest(event: GatewayRequestEvent): void {
    this.#active--;
    this.#requests++;
    if (event.status >= 400 && !event.isAborted) this.#failed++;
    this.#promptTokens += event.promptTokens ?? 0;
    this.#cachedTokens += event.cachedTokens ?? 0;
    this.#answerTokens += event.answerTokens ?? 0;
    this.#tokensPerSecond = event.tokensPerSecond ?? this.#tokensPerSecond;
    this.#clients.delete(event.client);
    this.#clients.add(event.client);
    const [oldest] = this.#clients;
    if (this.#clients.size > MAX_CLIENTS && oldest !== undefined) this.#clients.delete(oldest);
  }

  get status(): GatewayStatus {
    return {
      startedAt: this.#startedAt,
      clients: [...this.#clients],
      activeRequests: this.#active,
      requests: this.#requests,
      failedRequests: this.#failed,
      promptTokens: this.#promptTokens,
      cachedTokens: this.#cachedTokens,
      answerTokens: this.#answerTokens,
      tokensPerSecond: this.#tokensPerSecond,
    };
  }
}
