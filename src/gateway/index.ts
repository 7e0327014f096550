/*
 * A server in front of a model, for programs that speak OpenAI's Chat Completions and Responses or Anthropic's Messages.
 */
export { createGateway } from "./create-gateway.ts";
export {
  type AnswerSource,
  type GatewayLogEvent,
  type GatewayOptions,
  type GatewayRequestEvent,
} from "./gateway-options.ts";
export { type RunningGateway, startGateway } from "./start-gateway.ts";
