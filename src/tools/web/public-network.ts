import { lookup } from "node:dns/promises";
import { isIP, BlockList } from "node:net";
import ipaddr from "ipaddr.js";
import { ToolError } from "../tool-result.ts";
import { Agent, buildConnector } from "../../vendor/undici.ts";

export interface Network {
  /** The addresses of a host name. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** Opens a connection to an address that has been checked. */
  readonly connect: buildConnector.connector;
}

const CONNECT_MS = 10_000;

const systemNetwork: Network = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  connect: buildConnector({ timeout: CONNECT_MS }),
};

/**
 * A dispatcher for fetch that reaches public addresses only. The address that was checked is the very one that is connected to: a
 * name that answers with another address the second time gains nothing.
 */
export function publicDispatcher(network: Network = systemNetwork): Agent {
  return new Agent({
    connect: (options, callback) => {
      void connectPublic(options, callback, network);
    },
  });
}

async function connectPublic(
  options: buildConnector.Options,
  callback: buildConnector.Callback,
  network: Network,
): Promise<void> {
  try {
    const address = await publicAddressOf(options.hostname, network);
    network.connect({ ...options, host: address, hostname: address, servername: serverName(options) }, callback);
  } catch (error) {
    callback(error instanceof Error ? error : new Error(String(error)), null);
  }
}

/** @throws ToolError unless every address of the host is public */
async function publicAddressOf(host: string, { resolve }: Network): Promise<string> {
  const bare = host.replace(/^\[|\]$/g, "");
  const addresses = isIP(bare) ? [bare] : await resolve(bare);
  const [first] = addresses;
  // one private address among several would be enough for an attack by turns
  if (first === undefined || !addresses.every(isPublicAddress)) {
    throw new ToolError(`${host} is not on the public internet, and only that may be fetched from.`);
  }
  return first;
}

/** The name that the certificate has to be for. */
function serverName({ hostname, servername }: buildConnector.Options): string | undefined {
  return servername ?? (isIP(hostname) ? undefined : hostname);
}

/** Of 2000::/3, the only part of IPv6 that is given out: protocols, tunnels to IPv4, and documentation. */
const SPECIAL = new BlockList();
SPECIAL.addSubnet("2001::", 23, "ipv6");
SPECIAL.addSubnet("2001:db8::", 32, "ipv6");
SPECIAL.addSubnet("2002::", 16, "ipv6");
SPECIAL.addSubnet("3fff::", 20, "ipv6");

/**
 * Whether an address belongs to the public internet: not this machine, not the networks around it, and none of the ranges that lead
 * there by another spelling (IPv4 inside IPv6, NAT64, 6to4, Teredo). What the registries have not given out is not public.
 */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, "");
  if (!ipaddr.isValid(bare) || bare.includes("%")) return false;
  // ::ffff:1.2.3.4 is judged as 1.2.3.4
  const parsed = ipaddr.process(bare);
  if (parsed.range() !== "unicast") return false;
  if (parsed.kind() === "ipv4") return true;
  const isGlobal = ((parsed.toByteArray()[0] ?? 0) & 0b1110_0000) === 0b0010_0000;
  return isGlobal && !SPECIAL.check(parsed.toString(), "ipv6");
}
