import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { buildConnector } from "undici";
import type { Network } from "../../../src/tools/web/public-network.ts";

/** A public address, so that what is not public stands out. Nothing is ever sent there. */
const PUBLIC_ADDRESS = "93.184.215.14";

export interface WebSite {
  /** A network in which every host has the public address, and the public address is this site. */
  readonly network: Network;
  /** Where it really listens, on loopback. */
  readonly port: number;
  /** Paths that were asked for. */
  readonly requests: string[];
  /** Addresses that were connected to. */
  readonly connected: string[];
  /** What hosts resolve to; all others to the public address. Several lists are given in turn. */
  readonly names: Map<string, string[][]>;
  stop(): Promise<void>;
}

/** Stands in for the public internet, which tests do not reach: a site on loopback that is found at a public address. */
export async function openWebSite(answer: RequestListener): Promise<WebSite> {
  const requests: string[] = [];
  const connected: string[] = [];
  const names = new Map<string, string[][]>();
  const server = createServer((request, response) => {
    requests.push(`${request.headers.host ?? ""}${request.url ?? ""}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const connector = buildConnector({});
  return {
    port,
    requests,
    connected,
    names,
    network: {
      resolve: (host) => {
        const answers = names.get(host) ?? [];
        return Promise.resolve((answers.length > 1 ? answers.shift() : answers[0]) ?? [PUBLIC_ADDRESS]);
      },
      connect: (options, callback) => {
        connected.push(options.hostname);
        const hostname = options.hostname === PUBLIC_ADDRESS ? "127.0.0.1" : options.hostname;
        connector({ ...options, protocol: "http:", hostname, host: hostname, port: String(port) }, callback);
      },
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
