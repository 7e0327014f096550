export { Agent, buildConnector, fetch } from "undici";
