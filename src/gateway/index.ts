/*
 * A server in front of a model, for programs that speak OpenAI's Chat Completions and Responses or Anthropic's Messages.
 */
export { createGateway } from "./create-gateway.ts";
export {
  type AnswerSource,
  DEFAULT_LIMITS,
  type EmbeddingResult,
  type GatewayApi,
  type GatewayLimits,
  type GatewayLogEvent,
  type GatewayModel,
  type GatewayOptions,
  type GatewayRequestEvent,
} from "./gateway-options.ts";
export { type RunningGateway, startGateway, type StartGatewayOptions } from "./start-gateway.ts";
export { GatewayStatistics, type GatewayStatus } from "./statistics.ts";
