import { BlockList } from "node:net";
import ipaddr from "ipaddr.js";

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
