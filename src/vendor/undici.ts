export { Agent, buildConnector, fetch, request } from "undici";
